import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { execArguments } from '../../loader/spawn.ts';
import { track } from './processes.ts';

/** A process of the benchmarks' own that answers one question after the other. */
export interface Helper<Question, Answer> {
  pid: number;
  ask(question: Question): Promise<Answer>;
  end(): Promise<void>;
}

/** Starts a file that ends in a call of `answer`. Gives it back once it is ready to answer. */
export async function startHelper<Question, Answer>(entry: URL, args: readonly string[] = []): Promise<Helper<Question, Answer>> {
  const child = fork(fileURLToPath(entry), args, {
    execArgv: execArguments(),
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  track(child);
  // Not 'close', which never comes after a disconnect from this side.
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const told = () =>
    new Promise<unknown>((resolve, reject) => {
      child.once('message', resolve);
      child.once('error', reject);
      void ended.then(() => reject(new Error(`${entry.pathname} ended with ${child.exitCode ?? child.signalCode}`)));
    });
  await told();
  return {
    pid: child.pid ?? 0,
    async ask(question) {
      const answer = told();
      child.send(question as object);
      return (await answer) as Answer;
    },
    async end() {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}

/** In the process itself: answers until nobody is there to ask any more. */
export function answer<Question, Answer>(reply: (question: Question) => Promise<Answer>): void {
  process.on('disconnect', () => process.exit());
  // An answer that fails ends the process, and by that the question.
  process.on('message', (question) => void reply(question as Question).then((told) => process.send?.(told)));
  process.send?.('ready');
}
