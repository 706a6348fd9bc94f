import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { gitState } from '../../identity/git.ts';
import { type Project, project } from '../loader/project.ts';

let made: Project;
const path = process.env.PATH;
const git = (...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=T', '-c', 'user.email=t@example.com', '-c', 'commit.gpgsign=false', ...args], {
    cwd: made.root,
    encoding: 'utf8',
  });

beforeAll(() => {
  made = project({ 'a.ts': '1', 'sub/b.ts': '1' });
});
afterAll(() => made.remove());

it('follows a repository from nothing to a change', async () => {
  expect(await gitState(made.root)).toBeUndefined();
  git('init', '-q');
  expect(await gitState(made.root)).toBeUndefined();
  git('add', '.');
  git('commit', '-qm', 'first');
  const commit = git('rev-parse', 'HEAD').trim();
  expect(await gitState(made.root)).toEqual({ commit, dirty: false });
  expect(await gitState(made.path('sub'))).toEqual({ commit, dirty: false });
  made.write({ '.flowyml/log': 'x' });
  expect(await gitState(made.root)).toEqual({ commit, dirty: false });
  made.write({ 'new.ts': 'x' });
  expect(await gitState(made.path('sub'))).toEqual({ commit, dirty: true });
  git('add', '.');
  git('commit', '-qm', 'second');
  expect((await gitState(made.root))?.dirty).toBe(false);
  made.write({ 'a.ts': '2' });
  expect((await gitState(made.root))?.dirty).toBe(true);
});

it('says nothing where there is no git, or no folder', async () => {
  expect(await gitState(made.path('gone'))).toBeUndefined();
  process.env.PATH = '/nowhere';
  try {
    expect(await gitState(made.root)).toBeUndefined();
  } finally {
    process.env.PATH = path;
  }
});

it('does not wait for a git that hangs', async () => {
  made.write({ 'bin/git': '#!/bin/sh\nsleep 30\n' });
  execFileSync('chmod', ['+x', made.path('bin/git')]);
  process.env.PATH = `${made.path('bin')}:${path}`;
  try {
    const start = Date.now();
    expect(await gitState(made.root)).toBeUndefined();
    expect(Date.now() - start).toBeLessThan(2_000);
  } finally {
    process.env.PATH = path;
  }
});
