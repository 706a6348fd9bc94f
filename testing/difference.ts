import type { History } from './history-file.ts';

/** What the SDK says, without what it puts around it. */
function said(error: Error): string {
  const inner = /message: "((?:[^"\\]|\\.)*)"/.exec(error.message)?.[1];
  const text = inner === undefined ? error.message : inner.replaceAll('\\"', '"').replaceAll('\\n', '\n');
  return text.replace(/^\[TMPRL\d+\] (?:Nondeterminism error: )?/, '');
}

const OTHER_TYPE = /Activity type of scheduled event '(.+)' does not match activity type of activity command '(.+)'/;
const NOT_ASKED_FOR = /Missing associated machine for LocalActivity\((\d+)\)/;

/** Where code and history part, for people: which event, what the history has there, what the code asks for. */
export function firstDifference(error: Error, history: History): string {
  const message = said(error);
  const other = OTHER_TYPE.exec(message);
  if (other) {
    const [, then = '', now = ''] = other;
    return `${at(scheduled(history, then))}the history schedules activity '${then}', this code schedules '${now}'`;
  }
  const missing = NOT_ASKED_FOR.exec(message);
  if (missing) {
    const marker = localActivity(history, Number(missing[1]));
    return `${at(marker?.event)}the history has local activity '${marker?.type ?? '?'}', which this code does not call there`;
  }
  return error.name === 'DeterminismViolationError' ? message : `the workflow failed: ${message}`;
}

const at = (event: string | undefined) => (event === undefined ? '' : `at event ${event} `);

function scheduled(history: History, type: string): string | undefined {
  const event = history.events?.find((each) => each.activityTaskScheduledEventAttributes?.activityType?.name === type);
  return event?.eventId?.toString();
}

/** The marker that a local activity left, by its place among all. */
function localActivity(history: History, seq: number): { event: string | undefined; type: string } | undefined {
  for (const event of history.events ?? []) {
    const [payload] = event.markerRecordedEventAttributes?.details?.data?.payloads ?? [];
    if (!payload?.data) continue;
    const { seq: own, activity_type: type } = JSON.parse(Buffer.from(payload.data).toString()) as { seq?: number; activity_type?: string };
    if (own === seq && type) return { event: event.eventId?.toString(), type };
  }
  return undefined;
}
