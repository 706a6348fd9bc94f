export { createTestEnvironment, type TestEnvironment, type TestEnvironmentOptions } from './environment.ts';
export type { ApprovalChoice } from './local-run.ts';
export { type HistoryToReplay, type ReplayOptions, type ReplayVerdict, replayHistories } from './replay.ts';
export { type Reported, type RunPipelineOptions, runPipeline } from './run-pipeline.ts';
