export { createWorker, type FlowymlWorker, type FlowymlWorkerOptions } from './worker.ts';
