import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const TSC = fileURLToPath(new URL('../../node_modules/.bin/tsc', import.meta.url));
const MARK = /^\s*\/\/ error: (.+)$/;

/** What the compiler says about a line, and what the marks above it say that it must. */
export interface Line {
  line: number;
  /** The whole message, continuation lines included; undefined where the compiler says nothing. */
  message: string | undefined;
  expected: string[];
}

/** The case files, by name. */
export const caseFiles = (): string[] => readdirSync(join(HERE, 'cases')).filter((name) => name.endsWith('.ts'));

/** Runs the compiler over all case files, once: for each, the lines that have an error or are marked to have one. */
export async function compileCases(): Promise<Map<string, Line[]>> {
  const messages = await errors();
  return new Map(
    caseFiles().map((file) => {
      const found = new Map(messages.filter((m) => m.file === file).map((m) => [m.line, m.message]));
      const expected = marks(readFileSync(join(HERE, 'cases', file), 'utf8'));
      const lines = [...new Set([...found.keys(), ...expected.keys()])].sort((a, b) => a - b);
      return [file, lines.map((line) => ({ line, message: found.get(line), expected: expected.get(line) ?? [] }))];
    }),
  );
}

/** The marks of a file by the line that they are about: the next one that is no mark itself. */
function marks(source: string): Map<number, string[]> {
  const result = new Map<number, string[]>();
  let open: string[] = [];
  for (const [i, text] of source.split('\n').entries()) {
    const mark = MARK.exec(text)?.[1];
    if (mark) open.push(mark);
    else if (open.length) result.set(i + 1, open);
    if (!mark) open = [];
  }
  return result;
}

interface Message {
  file: string;
  line: number;
  message: string;
}

async function errors(): Promise<Message[]> {
  const output = await new Promise<string>((resolve) => {
    execFile(TSC, ['--noEmit', '--pretty', 'false', '-p', HERE], (_, stdout, stderr) => resolve(stdout + stderr));
  });
  const result: Message[] = [];
  for (const text of output.split('\n')) {
    const [, file, line, message] = /^(.+?)\((\d+),\d+\): error (TS\d+: .*)$/.exec(text) ?? [];
    if (file && message) result.push({ file: basename(file), line: Number(line), message });
    else if (text.startsWith(' ') && result.length) (result.at(-1) as Message).message += `\n${text}`;
    else if (text) throw new Error(`tsc: ${output}`);
  }
  return result;
}
