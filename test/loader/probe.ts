import { findPipeline } from '../../loader/find-pipeline.ts';
import { loadModule } from '../../loader/load-module.ts';
import { parseModuleArgument } from '../../loader/module-argument.ts';
import { FlowymlError } from '../../pipelines/errors.ts';

// Run by tests as a process of its own: loads the module given and prints what it found.
const { path, name } = parseModuleArgument(process.argv[2] ?? '');
const result: Record<string, unknown> = { pipelines: [] };
try {
  const loaded = await loadModule(path);
  result.pipelines = loaded.pipelines.map(({ exportName, pipeline }) => [exportName, pipeline.name]);
  const { exportName, pipeline } = findPipeline(loaded, name);
  result.picked = [exportName, pipeline.name];
} catch (error) {
  if (!(error instanceof FlowymlError)) throw error;
  result.error = { name: error.name, code: error.code, message: error.message };
}
console.log(`PROBED ${JSON.stringify(result)}`);
