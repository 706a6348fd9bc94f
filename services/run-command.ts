import { execFile } from 'node:child_process';

export interface CommandOptions {
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  input?: string;
  timeoutMs?: number;
}

/** Runs a command to its end and gives its standard output. An error says what the command itself said last. */
export function runCommand(command: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const { env, cwd, input, timeoutMs = 60_000 } = options;
    const child = execFile(command, args, { env, cwd, timeout: timeoutMs, maxBuffer: 16 << 20 }, (error, stdout, stderr) => {
      if (!error) resolve(stdout);
      else if (error.killed) reject(new Error(`no result within ${timeoutMs / 1000} s`, { cause: error }));
      else if (error.code === 'ENOENT') reject(new Error(`${command} not found`, { cause: error }));
      else reject(new Error(lastLine(stderr) ?? lastLine(stdout) ?? error.message, { cause: error }));
    });
    // A command that has ended before it read its input is reported by its exit.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}

/** Tools say what went wrong in a line of its own, often with notices after it. */
function lastLine(output: string): string | undefined {
  const lines = output
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  return lines.findLast((line) => /error|fatal/i.test(line)) ?? lines.at(-1);
}
