import prettyMilliseconds from 'pretty-ms';
import type { RunResult, StepResult } from '../pipelines/run-result.ts';

/** A duration in milliseconds for people: `340ms`, `2.1s`, `1m 12.4s`. */
export const duration = (ms: number) => prettyMilliseconds(ms < 1000 ? Math.round(ms) : ms);

/** A run's result as text: a head, a line a step with what it made, and the error of each step that failed. */
export function formatSummary(result: RunResult): string {
  const width = Math.max(4, ...Object.keys(result.steps).map((name) => name.length));
  const lines = [
    `Run ${result.runId} of ${result.pipeline} (version ${result.version}, stack ${result.stack}): ${result.status} in ${duration(result.durationMs)}`,
  ];
  for (const [name, step] of Object.entries(result.steps))
    lines.push(`  ${name.padEnd(width)}  ${step.status.padEnd(9)}  ${facts(step)}`.trimEnd());
  for (const [name, step] of Object.entries(result.steps)) {
    if (step.status === 'failed' && step.error)
      lines.push(
        '',
        `Step '${name}' failed after ${attempts(step)}: ${step.error.type}: ${step.error.message.replaceAll('\n', '\n  ')}`,
        `Its log: flowyml runs logs ${result.runId} ${name}`,
      );
  }
  return lines.join('\n');
}

const attempts = (step: StepResult) => `${step.attempts} ${step.attempts === 1 ? 'attempt' : 'attempts'}`;

function facts(step: StepResult): string {
  if (step.reason) return step.reason;
  const outputs = Object.entries(step.outputs).map(([name, ref]) => `${name}: ${short(ref.preview ?? ref.type)}`);
  const parts = step.status === 'cached' ? [] : [duration(step.durationMs)];
  if (step.attempts > 1) parts.push(attempts(step));
  if (step.codeChanged) parts.push('(other code than planned)');
  return [...parts, ...outputs].join('  ');
}

const short = (text: string) => (text.length > 80 ? `${text.slice(0, 79)}…` : text);
