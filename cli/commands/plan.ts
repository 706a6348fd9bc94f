import { planFor, servePipelines } from '../../activities/index.ts';
import { given } from '../../pipelines/config-class.ts';
import { formatPlan, toMermaid } from '../../pipelines/format-plan.ts';
import { compileTarget } from '../../stacks/project.ts';
import { loadTarget } from '../modules.ts';
import { type PlaceOptions, placeOptions } from '../options.ts';
import { printJson } from '../output.ts';
import { unseenLines } from '../unseen.ts';

/** `flowyml plan`: what a run would do. Starts nothing. */
export async function plan(module: string, options: PlaceOptions & { json?: boolean; mermaid?: boolean }): Promise<void> {
  const { project, target } = await loadTarget(module, options.stack);
  const found = (await servePipelines([target], compileTarget(project))).get(target.pipeline.name);
  if (!found) return;
  for (const line of unseenLines(found)) console.error(line);
  const { plan, problems } = planFor(found, given(placeOptions(options)));
  if (options.json) printJson(plan);
  else console.log(options.mermaid ? toMermaid(plan) : formatPlan(plan));
  for (const problem of problems) console.error(`It could not run so: ${problem}`);
}
