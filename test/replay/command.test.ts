import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeProject, type TestProject } from '../support/project.ts';

const HISTORIES = fileURLToPath(new URL('../histories', import.meta.url));
const PIPELINE = `
import { pipeline, step } from 'flowyml';
import { z } from 'zod';
const one = step({ name: 'one', outputs: { a: z.number() } }, () => 1);
const two = step({ name: 'two', inputs: { a: z.number() } }, ({ a }) => { if (a > 1) throw new Error('no'); });
export default pipeline('replayed', { steps: [one, two] });
`;

let project: TestProject;
beforeAll(async () => {
  project = await makeProject({ 'pipelines/p.ts': PIPELINE });
  for (const id of ['first', 'second', 'third']) {
    const { code, stderr } = await project.flowyml('run', 'pipelines/p.ts', '--no-cache', '--id', `${project.name}-${id}`);
    expect(code, stderr).toBe(0);
  }
});
afterAll(() => project.remove());

describe('flowyml replay', () => {
  it('says that this code goes on with recorded histories', async () => {
    const files = ['chain.json', 'map.json', 'segment.json'].map((name) => join(HISTORIES, name));
    const { code, stdout } = await project.flowyml('replay', ...files);
    expect(stdout).toMatch(/^ok {7}.*chain\.json {2}\(chain, \d+ events\)$/m);
    expect(stdout).toContain('All 3 replay: this code goes on with them.');
    expect(code).toBe(0);
  });

  it('names the first difference of one that it does not go on with', async () => {
    const text = readFileSync(join(HISTORIES, 'chain.json'), 'utf8');
    const history = JSON.parse(text) as {
      events: { eventId: string; activityTaskScheduledEventAttributes?: { activityType: { name: string } } }[];
    };
    const event = history.events.find((each) => each.activityTaskScheduledEventAttributes);
    const type = event?.activityTaskScheduledEventAttributes?.activityType;
    const before = type?.name;
    if (type) type.name = 'renamed';
    const file = project.write('renamed.json', JSON.stringify(history));
    const { code, stdout } = await project.flowyml('replay', file, join(HISTORIES, 'map.json'));
    expect(stdout).toContain(`at event ${event?.eventId} the history schedules activity 'renamed', this code schedules '${before}'`);
    expect(stdout).toContain('1 of 2 differ: deploying this code would stop runs like these where they stand.');
    expect(code).toBe(1);
    const json = JSON.parse((await project.flowyml('replay', file, '--json')).stdout);
    expect(json).toEqual([
      { workflowId: file, type: 'chain', events: history.events.length, ok: false, difference: expect.stringContaining('renamed') },
    ]);
  });

  it('takes the newest runs, and single ones, from the server', async () => {
    const recent = JSON.parse((await project.flowyml('replay', '--recent', '2', '--json')).stdout);
    expect(recent).toEqual(
      ['third', 'second'].map((id) => ({ workflowId: `${project.name}-${id}`, type: 'replayed', events: expect.any(Number), ok: true })),
    );
    const one = await project.flowyml('replay', '--workflow-id', `${project.name}-first`);
    expect(one).toMatchObject({ code: 0, stdout: expect.stringContaining(`ok       ${project.name}-first  (replayed, `) });
  });

  it('says that there is nothing to replay', async () => {
    const other = await makeProject({ 'pipelines/p.ts': PIPELINE });
    expect(await other.flowyml('replay', '--recent', '5')).toMatchObject({ code: 0, stdout: 'There is no run to replay.\n' });
    await other.remove();
  });

  it.each([
    [[], /name histories to replay: files, --workflow-id ID, or --recent N/],
    [['nothing.json'], /nothing\.json does not exist/],
    [['flowyml.yaml'], /flowyml\.yaml cannot be read as JSON/],
    [['empty.json'], /empty\.json is not a workflow's history: expected \{ "events": \[\.\.\.\] \}/],
    [['strange.json'], /strange\.json is not a workflow's history/],
    [['--workflow-id', 'nobody'], /--workflow-id nobody: Temporal has no workflow of that id/],
    [['--recent', 'x'], /--recent: "x" is not a whole number/],
  ])('refuses %j', async (args, says) => {
    project.write('empty.json', '{}');
    project.write('strange.json', '{ "events": [{ "eventId": {}, "eventType": "EVENT_TYPE_NONE" }] }');
    const { code, stderr } = await project.flowyml('replay', ...args);
    expect(stderr).toMatch(says);
    expect(code).toBe(2);
  });
});

it('replayHistories() does the same for a test', async () => {
  project.write(
    'replays.ts',
    `import { createClient } from 'flowyml/client';
     import { replayHistories } from 'flowyml/testing';
     import { readFileSync } from 'node:fs';
     const client = await createClient();
     const history = await client.temporal.workflow.getHandle('${project.name}-first').fetchHistory();
     const recorded = JSON.parse(readFileSync('${join(HISTORIES, 'approval-approved.json')}', 'utf8'));
     for await (const verdict of replayHistories([{ history }, { workflowId: 'recorded', history: recorded }])) console.log(JSON.stringify(verdict));
     for await (const _ of replayHistories([{ history: {} }])) ;
    `,
  );
  const { stdout, stderr } = await project.script('replays.ts');
  const verdicts = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(verdicts).toMatchObject([
    { workflowId: `${project.name}-first`, type: 'replayed', ok: true },
    { workflowId: 'recorded', ok: true },
  ]);
  expect(stderr).toMatch(/a history to replay must have its events/);
});
