import { execFileSync } from 'node:child_process';
import { cpSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildWorkflowBundle } from '../workers/workflow-bundle.ts';

// Makes dist/: compiled code with types, what is not compiled (migrations, the loader's hook), and the workflow bundle.

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');

rmSync(dist, { recursive: true, force: true });
execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(root, 'tsconfig.build.json')], { stdio: 'inherit' });
cpSync(join(root, 'metadata/migrations'), join(dist, 'metadata/migrations'), { recursive: true });
for (const file of readdirSync(join(root, 'loader'))) if (file.endsWith('.mjs')) cpSync(join(root, 'loader', file), join(dist, 'loader', file));
await buildWorkflowBundle(join(dist, 'workflows/index.js'), join(dist, 'workflows/bundle.js'));
