import { createInterface } from 'node:readline';
import { fail } from '../../cli/errors.ts';
import { program } from '../../cli/program.ts';

/** A call of the command. */
export interface Call {
  args: string[];
  cwd?: string;
  /** Over the environment; `null` takes a variable away. */
  env?: Record<string, string | null>;
}

export interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

// Many calls in one process, as each process costs a second: reads a call from each line of stdin, writes its outcome to one of stdout.
const home = process.cwd();
const environment = { ...process.env };
const streams = [process.stdout, process.stderr] as const;
for await (const line of createInterface({ input: process.stdin })) {
  const { args, cwd, env = {} } = JSON.parse(line) as Call;
  const printed = ['', ''];
  const writes = streams.map((stream, i) => {
    const { write } = stream;
    stream.write = (chunk: string | Uint8Array) => {
      printed[i] += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
      return true;
    };
    return write;
  });
  process.chdir(cwd ?? home);
  for (const [name, value] of Object.entries(env)) {
    if (value === null) delete process.env[name];
    else process.env[name] = value;
  }
  process.exitCode = 0;
  try {
    await (await program()).parseAsync(['node', 'flowyml', ...args]);
  } catch (error) {
    process.exitCode = await fail(error);
  }
  const outcome: Outcome = { code: Number(process.exitCode), stdout: printed[0] ?? '', stderr: printed[1] ?? '' };
  process.exitCode = 0;
  process.env = { ...environment };
  streams.forEach((stream, i) => {
    stream.write = writes[i] as typeof stream.write;
  });
  process.stdout.write(`${JSON.stringify(outcome)}\n`);
}
process.stdout.write('', () => process.exit(0));
