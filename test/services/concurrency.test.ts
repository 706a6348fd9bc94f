import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { ensureServices, findServices, type Services, servicesStatus } from '../../services/index.ts';
import { findProcess } from '../../services/processes.ts';
import { runCommand } from '../../services/run-command.ts';
import { marker } from '../../services/temporal/arguments.ts';
import { env, projects } from './project.ts';

const { make } = projects();
const child = fileURLToPath(new URL('./ensure-child.mjs', import.meta.url));

it('two processes that start one project at once end with one set of services, which outlives them', async () => {
  const options = make();
  const outputs = await Promise.all([1, 2].map(() => runCommand(process.execPath, [child, options.root], { env })));
  const [one, other] = outputs.map((text) => JSON.parse(text) as Services);
  expect(one).toEqual(other);
  expect(await findServices(options)).toEqual(one);
  const { temporal, postgres } = await servicesStatus(options);
  expect(findProcess(marker(`${options.root}/.flowyml/temporal.db`))).toBe(temporal.pid);
  expect(findProcess([`-D ${options.root}/.flowyml/postgres`])).toBe(postgres.pid);
});

it('two projects that start at once do not collide', async () => {
  const [a, b] = await Promise.all([ensureServices(make()), ensureServices(make())]);
  const ports = [a, b].flatMap(({ temporal, postgres }) =>
    [temporal.address, temporal.ui, postgres.url].map((url) => url?.match(/:(\d+)/g)?.at(-1)),
  );
  expect(new Set(ports).size).toBe(6);
});
