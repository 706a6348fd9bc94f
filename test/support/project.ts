import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import postgres from 'postgres';
import { inject } from 'vitest';
import { type Session, startSession } from '../../client/session.ts';
import { findProject } from '../../stacks/project.ts';

const REGISTER = new URL('../../loader/register.mjs', import.meta.url).href;
const MAIN = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

export interface CommandResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A project in a folder of its own, with its own name, task queues and database on the servers that all tests share. */
export interface TestProject {
  root: string;
  name: string;
  databaseUrl: string;
  env: NodeJS.ProcessEnv;
  write(path: string, text: string): string;
  /** Runs the command to its end. */
  flowyml(...args: string[]): Promise<CommandResult>;
  /** Starts the command and leaves it running; it is killed with the project. */
  start(...args: string[]): RunningCommand;
  /** Starts a script with the loader and leaves it running. */
  startScript(path: string, ...args: string[]): RunningCommand;
  /** Runs a script with the loader. */
  script(path: string, ...args: string[]): Promise<CommandResult>;
  session(): Promise<Session>;
  remove(): Promise<void>;
}

export interface RunningCommand {
  child: ChildProcess;
  output(): string;
  /** Waits until the output so far fits. */
  until(pattern: RegExp, ms?: number): Promise<string>;
  ended: Promise<CommandResult>;
}

/** Makes a project with these files; remove it at the end of the test file. */
export async function makeProject(files: Record<string, string> = {}): Promise<TestProject> {
  const name = `t${randomBytes(6).toString('hex')}`;
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'flowyml-test-')));
  // Its own, so that what steps leave behind can be seen.
  const temp = join(root, '.tmp');
  mkdirSync(temp);
  const url = new URL(inject('postgresUrl'));
  await onServer(url.href, `create database ${name}`);
  url.pathname = `/${name}`;
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    TEMPORAL_ADDRESS: inject('temporalAddress'),
    FLOWYML_DATABASE_URL: url.href,
    NO_COLOR: '1',
    CI: '1',
    TMPDIR: temp,
  };
  delete env.FLOWYML_PROJECT;
  delete env.FLOWYML_STACK;
  const children = new Set<ChildProcess>();
  const sessions: Session[] = [];
  const write = (path: string, text: string) => {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  };
  write('flowyml.yaml', `project: ${name}\n`);
  for (const [path, text] of Object.entries(files)) write(path, text);

  const launch = (args: string[]): RunningCommand => {
    const child = spawn(process.execPath, ['-C', 'flowyml-source', '--import', REGISTER, ...args], {
      cwd: root,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.add(child);
    let stdout = '';
    let stderr = '';
    child.stdout?.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr?.on('data', (chunk) => {
      stderr += chunk;
    });
    const ended = new Promise<CommandResult>((resolve) =>
      child.on('close', (code) => {
        children.delete(child);
        resolve({ code, stdout, stderr });
      }),
    );
    const output = () => stdout + stderr;
    return {
      child,
      output,
      ended,
      until: (pattern, ms) => until(() => pattern.test(output()), `output that fits ${pattern}`, ms, output).then(output),
    };
  };

  return {
    root,
    name,
    databaseUrl: url.href,
    env,
    write,
    flowyml: (...args) => launch([MAIN, ...args]).ended,
    start: (...args) => launch([MAIN, ...args]),
    startScript: (path, ...args) => launch([join(root, path), ...args]),
    script: (path, ...args) => launch([join(root, path), ...args]).ended,
    async session() {
      const before = { ...process.env };
      Object.assign(process.env, { TEMPORAL_ADDRESS: env.TEMPORAL_ADDRESS, FLOWYML_DATABASE_URL: env.FLOWYML_DATABASE_URL });
      try {
        const session = await startSession(findProject(root));
        sessions.push(session);
        return session;
      } finally {
        for (const key of ['TEMPORAL_ADDRESS', 'FLOWYML_DATABASE_URL']) {
          if (before[key] === undefined) delete process.env[key];
          else process.env[key] = before[key];
        }
      }
    },
    async remove() {
      for (const child of children) child.kill('SIGKILL');
      await Promise.all(sessions.map((session) => session.close()));
      await onServer(inject('postgresUrl'), `drop database if exists ${name} with (force)`);
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** Waits until something holds; says what it waited for when it never does. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  what: string,
  ms = 30_000,
  state: () => string = () => '',
): Promise<void> {
  for (const end = Date.now() + ms; Date.now() < end; ) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`waited ${ms} ms for ${what}\n${state()}`);
}

async function onServer(url: string, statement: string): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice() {} });
  try {
    await sql.unsafe(statement);
  } finally {
    await sql.end();
  }
}
