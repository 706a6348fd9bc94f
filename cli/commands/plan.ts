import { servePipelines } from '../../activities/index.ts';
import { formatPlan, toMermaid } from '../../pipelines/format-plan.ts';
import { loadTarget } from '../modules.ts';
import { printJson } from '../output.ts';
import { unseenLines } from '../unseen.ts';

/** `flowyml plan`: what a run would do. Starts nothing. */
export async function plan(module: string, options: { json?: boolean; mermaid?: boolean }): Promise<void> {
  const { project, target } = await loadTarget(module);
  const served = await servePipelines([target], {
    root: project.root,
    project: project.name,
    stack: project.stack,
    groups: project.groups,
  });
  const found = served.get(target.pipeline.name);
  if (!found) return;
  for (const line of unseenLines(found)) console.error(line);
  if (options.json) printJson(found.plan);
  else console.log(options.mermaid ? toMermaid(found.plan) : formatPlan(found.plan));
}
