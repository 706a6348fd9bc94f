import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished } from 'vitest';
import type { RunResult } from '../../pipelines/run-result.ts';
import { makeProject, type TestProject } from '../support/project.ts';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));
const TSC = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url));

/** A project that holds the code of these twins; it goes when the test ends. */
export async function projectWith(...twins: string[]): Promise<TestProject> {
  const project = await makeProject(Object.fromEntries(twins.map((file) => [file, readFileSync(`${FOLDER}twins/${file}`, 'utf8')])));
  onTestFinished(() => project.remove());
  return project;
}

/** Runs a script to its good end; gives what it printed. */
export async function printed(project: TestProject, script: string): Promise<string> {
  const { code, stdout, stderr } = await project.script(script);
  expect(code, stderr).toBe(0);
  return stdout;
}

/** `flowyml run … --json`: the exit code, and the result where there is one. */
export async function runJson(project: TestProject, ...args: string[]): Promise<{ code: number | null; result: RunResult }> {
  const { code, stdout, stderr } = await project.flowyml('run', ...args, '--json');
  expect(stdout, stderr).not.toBe('');
  return { code, result: JSON.parse(stdout) as RunResult };
}

/** What the compiler says about the twins' code, a line each. */
export function typeProblems(): Promise<string[]> {
  return new Promise((resolve) => {
    execFile(process.execPath, [TSC, '--noEmit', '--pretty', 'false', '-p', FOLDER], { cwd: FOLDER }, (error, stdout, stderr) => {
      resolve(error ? [...stdout.split('\n'), ...stderr.split('\n')].filter(Boolean) : []);
    });
  });
}
