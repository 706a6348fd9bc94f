import type { AnyPipeline } from './pipeline.ts';
import type { HookOccasion } from './plan.ts';
import { type AnyStep, isStep, type Step, step } from './step.ts';

/** A step that runs at a run's end, under the name that it has in the run. */
export interface Hook {
  name: string;
  occasion: HookOccasion;
  step: AnyStep;
}

/** The options that name a pipeline's hooks. */
export const HOOK_OPTIONS = { success: 'onSuccess', failure: 'onFailure', cancel: 'onCancel' } as const;

/** A pipeline's hooks. One step may serve several occasions: the later ones are named `<step>_<occasion>`. */
export function hooksOf(pipeline: AnyPipeline): Hook[] {
  const names = new Set(pipeline.steps.filter(isStep).map((each) => each.name));
  return (Object.keys(HOOK_OPTIONS) as HookOccasion[]).flatMap((occasion) =>
    [pipeline.options[HOOK_OPTIONS[occasion]] ?? []].flat().map((each: AnyStep) => {
      // What is no step is for compile to name.
      if (!isStep(each)) return { name: '', occasion, step: each };
      const name = names.has(each.name) ? `${each.name}_${occasion}` : each.name;
      names.add(name);
      return { name, occasion, step: each };
    }),
  );
}

export interface WebhookOptions<N extends string> {
  name: N;
  /** Where to: an http(s) address. `${NAME}` is taken from the worker's environment, so that no secret enters a plan. */
  url: string;
  /** `${NAME}` is taken from the environment here too. */
  headers?: Record<string, string>;
}

/**
 * A hook that posts a run's result as JSON: `{ runId, pipeline, status, startedAt, durationMs, failed?, text }`, where
 * `text` is a line for people, as chat services show it.
 * @throws when it runs: Error for an answer that is no success, or a variable that is not set
 *
 * @example
 * pipeline('training', { steps, onFailure: webhook({ name: 'tell_team', url: '${TEAM_WEBHOOK_URL}' }) });
 */
// biome-ignore lint/complexity/noBannedTypes: `{}` is the record with no keys: a hook takes and gives nothing
export function webhook<const N extends string>({ name, url, headers = {} }: WebhookOptions<N>): Step<N, {}, {}, {}> {
  return step({ name, retry: { maxAttempts: 5 } }, async (_, run) => {
    const { result } = run;
    if (!result) throw new Error(`webhook '${name}' is a hook: give it to a pipeline as onSuccess, onFailure or onCancel`);
    const failed = Object.entries(result.steps).find(([, { status }]) => status === 'failed');
    const why = failed ? `: step '${failed[0]}' failed: ${failed[1].error?.message ?? ''}` : '';
    const { runId, pipeline, status, startedAt, durationMs } = result;
    const body = {
      runId,
      pipeline,
      status,
      startedAt,
      durationMs,
      ...(failed ? { failed: failed[0] } : {}),
      text: `Run ${runId} of ${pipeline} ${status}${why}`,
    };
    const answer = await fetch(fromEnvironment(url), {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...Object.fromEntries(Object.entries(headers).map(([key, value]) => [key, fromEnvironment(value)])),
      },
      body: JSON.stringify(body),
      signal: run.signal,
    });
    if (!answer.ok) throw new Error(`the webhook answered ${answer.status} ${answer.statusText}`);
    return { status: answer.status };
  });
}

function fromEnvironment(text: string): string {
  return text.replace(/\$\{(\w+)\}/g, (_, variable: string) => {
    const value = process.env[variable];
    if (value === undefined) throw new Error(`environment variable ${variable} is not set on the worker`);
    return value;
  });
}
