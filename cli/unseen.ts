import type { ServedPipeline } from '../activities/index.ts';

/** What the cache cannot see of a pipeline, as lines for people; none where it sees all. */
export function unseenLines({ pipeline, unseen }: ServedPipeline): string[] {
  if (!unseen.length) return [];
  return [
    `Pipeline '${pipeline.name}': the cache cannot see what these depend on. Name it in cache: { also: [files or variables] }, or set cache: false:`,
    ...unseen.map((each) => `  ${each}`),
  ];
}
