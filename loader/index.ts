export { findPipeline } from './find-pipeline.ts';
export { handOver } from './hand-over.ts';
export { type FoundPipeline, type LoadedModule, loadModule } from './load-module.ts';
export { type ModuleArgument, moduleFile, parseModuleArgument } from './module-argument.ts';
export { entryFile, execArguments, nodeArguments } from './spawn.ts';
