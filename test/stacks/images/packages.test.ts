import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packagesMissing, startBuilder } from './support.ts';

const skipped = await packagesMissing();
const python = (code: string) => ['python', '-c', code];
const node = (code: string) => ['node', '-p', code];

// Generated Dockerfiles with real packages, from npm and PyPI.
describe.skipIf(skipped)(`packages in images${skipped ? ` (${skipped})` : ''}`, () => {
  let builder: Awaited<ReturnType<typeof startBuilder>>;

  beforeAll(async () => {
    builder = await startBuilder({ name: 'local/node:20', npm: true }, { name: 'local/python:3', python: true });
  });

  afterAll(() => builder?.stop());

  it('of npm: those of package-lock.json but for development; editing code installs nothing again', async () => {
    const { root, write } = builder.folder({ 'pipelines/a.ts': '1', 'node_modules/ms/index.js': 'never copied' }, 'node');
    const docker = { baseImage: 'local/node:20' };
    const image = await builder.build(root, docker);
    expect(
      await builder.run(image, ...node("[require('ms')('2 days'), require('local-thing'), process.getuid(), process.cwd()].join(' ')")),
    ).toBe('172800000 from the project 1000 /app');
    expect(await builder.run(image, ...node("require('picocolors')"))).toContain('MODULE_NOT_FOUND');
    expect(builder.lines).toContainEqual(expect.stringContaining('has no dependency flowyml: steps cannot run in this image'));
    write('pipelines/a.ts', '2');
    const again = await builder.build(root, docker);
    expect(again).not.toBe(image);
    expect(builder.lines).toContainEqual(expect.stringMatching(/RUN npm ci .*\(unchanged\)$/));
    expect(await builder.run(again, 'cat', 'pipelines/a.ts')).toBe('2');
  });

  it('of pip: a requirements file, more lines on top, and Node beside Python', async () => {
    const { root } = builder.folder({ 'build/requirements.txt': '-r more.txt\nsix==1.16.0\n', 'build/more.txt': 'idna==3.7\n' }, 'node');
    const docker = {
      baseImage: 'local/python:3',
      requirementsFile: 'build/requirements.txt',
      requirements: ["tomli>=2 ; python_version >= '3.0'", 'six==1.17.0'],
      buildArgs: { NODE_IMAGE: 'local/node:20' },
    };
    const image = await builder.build(root, docker);
    expect(await builder.run(image, ...python('import six, idna, tomli; print(six.__version__, idna.__version__)'))).toBe('1.17.0 3.7');
    expect(await builder.run(image, ...node("require('ms')('1 s')"))).toBe('1000');
    expect(await builder.run(image, 'id', '-u')).toBe('1000');
  });

  it('of uv', async () => {
    const { root } = builder.folder({ 'step.py': 'import six; print(six.__version__)\n' }, 'uv');
    const image = await builder.build(root, { baseImage: 'local/python:3', requirements: ['idna==3.7'] });
    expect(builder.lines).toContain('uv.lock found');
    expect(builder.lines).toContainEqual(expect.stringContaining('the image has no Node and no flowyml'));
    expect(await builder.run(image, ...python('import six, idna; print(six.__version__, idna.__version__)'))).toBe('1.17.0 3.7');
  });
});
