import { loadInput } from '../artifacts/materialize.ts';
import type { ArtifactStore } from '../artifacts/store.ts';
import { type OutputType, typeNamed, type ValueOf } from '../pipelines/artifact-types.ts';
import { FlowymlError, UsageError } from '../pipelines/errors.ts';
import { hint } from '../pipelines/names.ts';
import type { AnyPipeline } from '../pipelines/pipeline.ts';
import type { ArtifactRef, ErrorInfo, RunResult, RunStatus, StepResult } from '../pipelines/run-result.ts';
import type { AnyStep } from '../pipelines/step.ts';
import { formatSummary } from './summary.ts';

/** The outputs of a pipeline's steps, by name, as the steps that take them would receive them. */
export type OutputsOf<P> = P extends { steps: readonly (infer S)[] }
  ? UnionToIntersection<S extends AnyStep ? { [K in keyof S['outputs']]: ValueOf<S['outputs'][K]> } : never>
  : Record<string, unknown>;
type UnionToIntersection<U> = (U extends unknown ? (k: U) => void : never) extends (k: infer I) => void ? I : never;

/** A run that did not succeed, thrown by whoever asks for what it would have made. */
export class RunFailed extends FlowymlError {
  readonly code = 'RUN_FAILED';
}

/** The outcome of a run, with its values at hand. */
export class PipelineResult<P extends AnyPipeline = AnyPipeline> {
  /** The plain result, as every client gets it. */
  readonly result: RunResult;
  /** Plain data that fitted into the result itself, by output name; what is large, or of another type, comes by `output()`. */
  readonly outputs: Partial<OutputsOf<P>>;
  private readonly pipeline: P | undefined;
  private readonly store: ArtifactStore;
  private readonly workDir: string;

  constructor(result: RunResult, pipeline: P | undefined, store: ArtifactStore, workDir: string) {
    this.result = result;
    this.pipeline = pipeline;
    this.store = store;
    this.workDir = workDir;
    this.outputs = Object.fromEntries(
      this.refs().flatMap(([name, ref]) => (ref.value === undefined || ref.type !== 'json' ? [] : [[name, ref.value]])),
    ) as Partial<OutputsOf<P>>;
  }

  get success(): boolean {
    return this.result.status === 'succeeded';
  }

  get status(): RunStatus {
    return this.result.status;
  }

  get runId(): string {
    return this.result.runId;
  }

  get pipelineName(): string {
    return this.result.pipeline;
  }

  /** In milliseconds. */
  get durationMs(): number {
    return this.result.durationMs;
  }

  get steps(): Record<string, StepResult> {
    return this.result.steps;
  }

  /** The first error, where the run failed. */
  get error(): (ErrorInfo & { step: string }) | undefined {
    for (const [step, { error, status }] of Object.entries(this.result.steps)) if (error && status === 'failed') return { step, ...error };
    return undefined;
  }

  /**
   * One step's part of the result.
   * @throws UsageError for an unknown name, with the nearest
   */
  step(name: string): StepResult {
    const step = Object.hasOwn(this.result.steps, name) ? this.result.steps[name] : undefined;
    if (!step) throw new UsageError(`run '${this.runId}' has no step '${name}'${hint(name, Object.keys(this.result.steps))}`);
    return step;
  }

  /**
   * An output's value, read from the artifact store where it is large. Also takes a step's name, for what a step without
   * declared outputs returned.
   * @throws UsageError for an unknown name, with the nearest
   * @throws RunFailed if the run ended before the output was made
   */
  async output<K extends keyof OutputsOf<P> & string>(name: K): Promise<OutputsOf<P>[K]>;
  async output(name: string): Promise<unknown>;
  async output(name: string): Promise<unknown> {
    const declared = this.declared(name);
    const own = Object.hasOwn(this.result.steps, name) ? this.result.steps[name] : undefined;
    const ref = this.refs().find(([output]) => output === name)?.[1] ?? own?.outputs.result;
    if (ref) return loadInput(declared?.type ?? typeOf(ref.type, name), ref, { store: this.store, workDir: this.workDir, input: name });
    if (!declared && !own) {
      const known = this.pipeline?.steps.flatMap((step) => Object.keys(step.outputs)) ?? this.refs().map(([output]) => output);
      throw new UsageError(`pipeline '${this.pipelineName}' has no output '${name}'${hint(name, known)}`);
    }
    const step = declared?.step ?? name;
    throw new RunFailed(`run '${this.runId}' has no output '${name}': step '${step}' ${this.result.steps[step]?.status ?? 'did not run'}`);
  }

  /** The result for people: a line a step, and what went wrong. */
  summary(): string {
    return formatSummary(this.result);
  }

  toJSON(): RunResult {
    return this.result;
  }

  private refs(): [string, ArtifactRef][] {
    return Object.values(this.result.steps).flatMap((step) =>
      Object.entries(step.outputs).filter(([name]) => name !== 'result' || this.declared('result')),
    );
  }

  private declared(name: string): { step: string; type: OutputType } | undefined {
    for (const step of this.pipeline?.steps ?? []) {
      const type = Object.hasOwn(step.outputs, name) ? step.outputs[name] : undefined;
      if (type) return { step: step.name, type };
    }
    return undefined;
  }
}

/** The type of an artifact whose pipeline is not at hand. */
function typeOf(name: string, output: string): OutputType {
  const type = typeNamed(name);
  if (type) return type;
  throw new UsageError(`output '${output}' is of type ${name}, which its pipeline defines: give the pipeline itself, not its name`);
}
