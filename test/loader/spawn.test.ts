import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { execArguments, nodeArguments } from '../../loader/spawn.ts';
import { node, type Project, project, REGISTER } from './project.ts';

const given = process.execArgv;
const entry = new URL('../../cli/main.ts', import.meta.url);
afterEach(() => {
  process.execArgv = given;
});

const from = (...options: string[]) => {
  process.execArgv = options;
  return execArguments();
};
const OWN = ['-C', 'flowyml-source', '--import', REGISTER];

it('names the entry after what node needs', () => {
  process.execArgv = [];
  expect(nodeArguments(entry)).toEqual([...OWN, entry.pathname]);
});

it('keeps what node was given, but what is of that process alone', () => {
  expect(from('-C', 'mine', '--conditions=other', '--import', './otel.mjs', '--max-old-space-size=100')).toEqual([
    ...['-C', 'mine', '--conditions=other', '--import', './otel.mjs', '--max-old-space-size=100'],
    ...OWN,
  ]);
  expect(from('--inspect-brk=0', '--input-type=module', '-e', 'code', '--test', '--no-warnings')).toEqual(['--no-warnings', ...OWN]);
});

it('gives its own options once', () => {
  expect(from(...OWN)).toEqual(OWN);
  expect(from('--conditions=flowyml-source', `--import=${REGISTER}`)).toEqual(OWN);
});

describe('a child', () => {
  let made: Project;
  beforeAll(() => {
    made = project({
      'main.ts': `import { spawn } from 'node:child_process';
        import { nodeArguments } from '${new URL('../../loader/spawn.ts', import.meta.url)}';
        const args = nodeArguments(new URL('./child.ts', import.meta.url));
        spawn(process.execPath, args, { stdio: 'inherit' });`,
      'child.ts':
        "import { which } from 'both';\nenum A { x = 1 }\nconsole.log(which, A.x, process.execArgv.filter((each) => each === '-C').length);",
      'node_modules/both/package.json':
        '{ "name": "both", "type": "module", "exports": { "mine": "./mine.js", "default": "./default.js" } }',
      'node_modules/both/mine.js': "export const which = 'mine';",
      'node_modules/both/default.js': "export const which = 'default';",
    });
  });
  afterAll(() => made.remove());

  it('resolves by the conditions of its parent', async () => {
    expect((await node(made.root, ['-C', 'mine', ...OWN, 'main.ts'])).stdout.trim()).toBe('mine 1 2');
    expect((await node(made.root, [...OWN, 'main.ts'])).stdout.trim()).toBe('default 1 1');
  });

  it('and by NODE_OPTIONS', async () => {
    expect((await node(made.root, [...OWN, 'main.ts'], { NODE_OPTIONS: '-C mine' })).stdout.trim()).toBe('mine 1 1');
  });
});
