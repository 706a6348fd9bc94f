import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { recordBackgroundWorker, servicesStatus, stopServices } from '../../services/index.ts';
import { commandLine } from '../../services/processes.ts';
import { until } from '../../services/wait.ts';
import { projects } from './project.ts';

const { make } = projects();

/** A detached process that notes SIGTERM in a file and ends by it. */
async function worker(file: string): Promise<number> {
  const script = `process.on('SIGTERM', () => { require('fs').writeFileSync(${JSON.stringify(file)}, ''); process.exit(); }); setInterval(() => {}, 1e6);
    require('fs').writeFileSync(${JSON.stringify(`${file}.up`)}, '')`;
  const { pid = 0 } = spawn(process.execPath, ['-e', script], { detached: true, stdio: 'ignore' });
  await until(() => existsSync(`${file}.up`) || undefined, 5_000);
  return pid;
}

it('a background worker is shown, and ended properly', async () => {
  const options = make();
  const [a, b] = await Promise.all([worker(join(options.root, 'a')), worker(join(options.root, 'b'))]);
  await recordBackgroundWorker(options.root, { pid: a, log: '/a.log' });
  await recordBackgroundWorker(options.root, { pid: b, log: '/b.log' });
  const { workers } = await servicesStatus(options);
  expect(workers.sort((x, y) => x.log.localeCompare(y.log))).toEqual([
    { pid: a, kind: 'background', log: '/a.log' },
    { pid: b, kind: 'background', log: '/b.log' },
  ]);
  expect((await stopServices(options)).sort()).toEqual([`worker (pid ${a})`, `worker (pid ${b})`].sort());
  expect([existsSync(join(options.root, 'a')), existsSync(join(options.root, 'b'))]).toEqual([true, true]);
  expect((await servicesStatus(options)).workers).toEqual([]);
});

it('a process that only has the pid of a worker is neither shown nor ended', async () => {
  const options = make();
  const stranger = await worker(join(options.root, 'stranger'));
  const folder = join(options.root, '.flowyml', 'workers');
  mkdirSync(folder, { recursive: true });
  const identity = `1 ${commandLine(stranger)}`; // the same command line, started at another time
  writeFileSync(join(folder, `${stranger}.json`), JSON.stringify({ pid: stranger, log: '', identity }));
  expect((await servicesStatus(options)).workers).toEqual([]);
  expect(await stopServices(options)).toEqual([]);
  expect(commandLine(stranger)).toBeDefined();
  process.kill(stranger, 'SIGKILL');
});
