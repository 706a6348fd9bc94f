import type { RunRow } from '../metadata/index.ts';
import type { JsonValue } from '../pipelines/json.ts';
import { paramsAt } from '../pipelines/params.ts';
import type { AnyPipeline } from '../pipelines/pipeline.ts';
import type { PlanRunArgs } from '../pipelines/protocol.ts';
import type { RunRequest } from '../pipelines/run-request.ts';
import { isoSecond } from '../pipelines/time-zones.ts';

export interface RunParams {
  /** Those that count: the run's own over the pipeline's context. */
  params: Record<string, JsonValue>;
  /** What the run's row keeps: its own params with real values, and the time that they were made for. */
  request: RunRequest;
  problems: string[];
}

/**
 * A run's params with real values. A run that takes over from an earlier one has that one's, and stands for its time,
 * unless it says otherwise; one that nobody scheduled stands for the time at which it began.
 */
export function runParams(pipeline: AnyPipeline, args: PlanRunArgs, earlier: Pick<RunRow, 'request'> | undefined): RunParams {
  const { request } = args;
  const from = earlier?.request;
  const timezone = request.timezone ?? from?.timezone;
  const said = request.scheduledTime ?? args.scheduledTime ?? from?.scheduledTime;
  const moment = { time: said ?? args.startedAt, timezone };
  const { own, all, timed, problems } = paramsAt(pipeline, { ...from?.params, ...request.params }, moment);
  const stands = said !== undefined || timed;
  return {
    params: all,
    request: {
      ...request,
      params: own,
      ...(stands ? { scheduledTime: isoSecond(Date.parse(moment.time)) } : {}),
      ...(timezone === undefined ? {} : { timezone }),
    },
    problems,
  };
}
