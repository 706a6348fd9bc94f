import { compile } from '../../pipelines/compile.ts';
import { PlanError } from '../../pipelines/errors.ts';
import { type PipelineOptions, pipeline } from '../../pipelines/pipeline.ts';
import type { Plan } from '../../pipelines/plan.ts';
import { type AnyStep, type Outputs, type Params, type StepDefinition, step } from '../../pipelines/step.ts';

type Definition = Omit<StepDefinition<string, Outputs, Outputs, Params>, 'name'>;

/** A step that does nothing. Wrong definitions go in as they would from JavaScript: `{ retries: 3 } as object`. */
export const make = (name: string, definition: Definition | object = {}): AnyStep => step({ name, ...definition }, () => undefined);

/** Compiles steps as a list, so that the compiler of TypeScript says nothing about the wiring. */
export const planOf = (steps: readonly AnyStep[], options: PipelineOptions = {}): Plan =>
  compile(pipeline('p', { ...options, steps }), { project: 'shop', stack: 'local' });

/** The problems that stop these steps from being compiled. */
export function problemsOf(steps: readonly AnyStep[], options: PipelineOptions = {}): readonly string[] {
  try {
    planOf(steps, options);
  } catch (error) {
    if (error instanceof PlanError) return error.problems;
    throw error;
  }
  throw new Error('it has no problems');
}

/** The plan's one step. */
export function only(plan: Plan) {
  const [step, ...more] = plan.steps;
  if (!step || more.length) throw new Error(`${plan.steps.length} steps`);
  return step;
}
