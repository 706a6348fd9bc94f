export type { Versioning } from './engine.ts';
export { type FlowymlPluginOptions, flowymlPlugin } from './plugin.ts';
export { createWorker, type FlowymlWorker, type FlowymlWorkerOptions } from './worker.ts';
