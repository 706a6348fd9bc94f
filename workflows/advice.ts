import type { RunStatus } from '../pipelines/run-result.ts';
import { code, commands, word } from './markdown.ts';
import type { RunState } from './state.ts';

/** What a reader of a run should know first, and can do: why it failed, who must decide, how a paused one goes on. */
export function advice(runId: string, status: RunStatus, state: RunState): string[] {
  const lines: string[] = [];
  const run = word(runId);
  const { failure } = state;
  if (failure) {
    lines.push(`**Step ${code(failure.step)} failed:** ${code(`${failure.error.type}: ${failure.error.message}`, 400)}`, '');
    const retry = status === 'failed' ? [`flowyml runs retry ${run}`] : [];
    lines.push(...commands([`flowyml runs logs ${run} ${failure.step}`, ...retry]));
  }
  for (const [step, { message, until }] of status === 'failed' ? [] : state.waiting) {
    const end = until === undefined ? '' : ` (until ${until.slice(0, 16).replace('T', ' ')} UTC)`;
    lines.push(`**Step ${code(step)} waits for a person**${message === undefined ? '' : `: ${code(message, 400)}`}${end}`, '');
    lines.push(...commands([`flowyml runs approve ${run} ${step}`, `flowyml runs reject ${run} ${step} --comment "why"`]));
    const signal = code(JSON.stringify({ step, by: 'your name' }));
    lines.push(`Or here: More Actions, Send a Signal, ${code('approve')} or ${code('reject')}, with ${signal}.`, '');
  }
  if (status === 'paused') lines.push('**Paused:** nothing new starts.', '', ...commands([`flowyml runs resume ${run}`]));
  return lines;
}
