import type { ArtifactStore } from '../artifacts/store.ts';
import type { Database } from '../metadata/database.ts';
import type { GroupLimits } from '../pipelines/group-limits.ts';
import type { CodeChangePolicy } from '../pipelines/pipeline.ts';
import type { StackSpec } from '../pipelines/stack-spec.ts';
import type { Observer } from './observer.ts';
import type { ServedPipeline } from './served-pipelines.ts';
import type { StepRunner } from './step-runner.ts';

/** What the activities of one worker work with. */
export interface ActivityDependencies {
  db: Database;
  /** Names the task queues. */
  project: string;
  pipelines: ReadonlyMap<string, ServedPipeline>;
  /** Of the groups whose steps it runs, across all pipelines. */
  limits: ReadonlyMap<string, GroupLimits>;
  runner: StepRunner;
  /** Of the stack in use; `stepStore` gives that of a step. */
  store: ArtifactStore;
  /** The project's folder. */
  root: string;
  /** The stack in use, and all that the project has. */
  stack: string;
  stacks: Readonly<Record<string, StackSpec>>;
  /** The worker's name in attempts. */
  workerId: string;
  /** Told that a run was planned whose steps need workers of executors. */
  onNeed?: (() => void) | undefined;
  /** Whether it serves one queue that no other worker serves: it leaves nothing to others. */
  alone?: boolean;
  /** Who watches: logs, metrics and traces are made of what it is told. */
  observer: Observer;
  /** Whether the Temporal server knows our search attributes. */
  searchAttributes: boolean;
  /** What becomes of steps that were planned with other code; the pipelines say unless given. */
  onCodeChange?: CodeChangePolicy | undefined;
}
