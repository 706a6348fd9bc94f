export { type FindOptions, findProject, type Project } from '../stacks/project.ts';
export type { Versioning } from './engine.ts';
export type { Health } from './health.ts';
export type { MetricsTarget } from './metrics.ts';
export { type FlowymlPluginOptions, flowymlPlugin } from './plugin.ts';
export { createWorker, type FlowymlWorker, type FlowymlWorkerOptions } from './worker.ts';
