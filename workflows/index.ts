/** The default export is the workflow of every pipeline; a user's own workflow file re-exports it to serve both. */

export type { RunRequest } from '../pipelines/run-request.ts';
export type { RunResult } from '../pipelines/run-result.ts';
export { default } from './pipeline.ts';
