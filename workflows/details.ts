import { setCurrentDetails } from '@temporalio/workflow';
import type { StepOutcome } from '../pipelines/protocol.ts';
import type { RunStatus } from '../pipelines/run-result.ts';
import { advice } from './advice.ts';
import { DRAWN_STEPS, dag } from './dag.ts';
import { code } from './markdown.ts';
import type { RunState } from './state.ts';
import { LOOKS, shortTime, statusOf } from './step-status.ts';

// Beyond this many rows the table helps nobody; the summary line still counts all.
const ROWS = 60;

/** How a run stands, as its page is told. */
export interface Standing {
  runId: string;
  /** Of the pipeline. */
  version: string | undefined;
  status: RunStatus;
  /** None before there is a plan. */
  state: RunState | undefined;
}

/**
 * Gives Temporal Web the current details of the run, drawn anew each time that somebody looks. The SDK keeps what it is
 * given and puts it through `JSON.stringify` when the page asks: an object with `toJSON` costs a run nothing while nobody
 * does, and is never out of date. A test in test/web shows that it still works so.
 */
export function showDetails(standing: () => Standing): void {
  setCurrentDetails({ toJSON: () => details(standing()) } as unknown as string);
}

/** A run in the Markdown that Temporal Web renders: what to do, the DAG, the table of steps, and what they made. */
export function details({ runId, version, status, state }: Standing): string {
  if (!state) return status === 'running' ? 'The run is being planned.' : `**${status}**: the run was not planned.`;
  const total = state.steps.length;
  const lines = [
    `**${status}** · ${state.ended.size} of ${total} steps have ended, ${state.running.size} running · version ${code(version ?? '')}`,
    '',
  ];
  lines.push(...advice(runId, status, state));
  if (state.course.length <= DRAWN_STEPS) lines.push(dag(state), '');
  // Temporal Web gives a table no room between columns: the blanks that it does not fold make some.
  const grouped = state.steps.some((step) => step.group !== undefined);
  lines.push(row(['step', 'status', 'attempts', 'time', ...(grouped ? ['group'] : [])]), `|---|---|--:|--:|${grouped ? '---|' : ''}`);
  for (const step of shown(state)) {
    const outcome = state.ended.get(step.name);
    const status = statusOf(state, step.name);
    const { sign, colour } = LOOKS[status];
    const cells = [
      plain(step.name),
      `<font color="${colour}">${sign}</font>${BLANK}${status}`,
      String(outcome?.attempts || ''),
      outcome?.durationMs ? shortTime(outcome.durationMs).replaceAll(' ', BLANK) : '',
      ...(grouped ? [plain(step.group ?? '')] : []),
    ];
    lines.push(row(cells));
  }
  if (total > ROWS) lines.push('', `and ${total - ROWS} more steps`);
  const made = shown(state).flatMap((step) => notes(step.name, state.ended.get(step.name)));
  return [...lines, '', ...made].join('\n');
}

// One that neither breaks a line nor folds.
const BLANK = '\u00a0';
const row = (cells: string[]) => `| ${cells.map((cell) => `${cell}${BLANK.repeat(3)}`).join(' | ')} |`;

/** A name, whose underscores mean nothing to Markdown. */
const plain = (name: string) => name.replaceAll('_', '\\_');

/** Of many steps, those that a reader looks for: what failed, what waits for a person, what runs. */
function shown(state: RunState) {
  if (state.steps.length <= ROWS) return state.steps;
  const first = ['failed', 'waiting', 'running'];
  const rank = (name: string) => (first.indexOf(statusOf(state, name)) + first.length + 1) % (first.length + 1);
  return [...state.steps].sort((a, b) => rank(a.name) - rank(b.name)).slice(0, ROWS);
}

/** What a step made and from where, or why it did not run, as items of a list. */
function notes(name: string, outcome: StepOutcome | undefined): string[] {
  if (!outcome) return [];
  const item = (text: string) => `- **${plain(name)}** ${text}`;
  const { error, map, approval, reusedFrom, reason } = outcome;
  const lines: string[] = [];
  if (reason) lines.push(item(code(reason)));
  if (error) lines.push(item(`${outcome.fallback ? 'its fallback stands in, for' : 'failed:'} ${code(`${error.type}: ${error.message}`)}`));
  if (approval) lines.push(item(code(`${approval.decision} by ${approval.by}${approval.comment ? `: ${approval.comment}` : ''}`)));
  if (map) lines.push(item(`${map.items} items, ${map.failed} of them failed`));
  for (const [output, ref] of Object.entries(outcome.outputs)) {
    lines.push(item(`→ ${plain(output)}: ${code(ref.preview ?? ref.type)}`));
  }
  if (reusedFrom) lines.push(item(`was made by run [${code(reusedFrom)}](${runLink(reusedFrom)})`));
  return lines;
}

// From where the page renders Markdown; it puts the namespace in.
const runLink = (runId: string) => `namespaces/{namespace}/workflows/${encodeURIComponent(runId)}`;
