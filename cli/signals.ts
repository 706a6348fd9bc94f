// Ctrl-C and process managers signal a whole group of processes, and a parent among them passes it on.
const SAME_MS = 500;

/** Calls `stop` when the process is first told to end; told again, it ends at once with this exit code. */
export function onStopSignal(stop: (signal: NodeJS.Signals) => void, exitCode: number): void {
  let asked = 0;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (!asked) {
        asked = Date.now();
        stop(signal);
      } else if (Date.now() - asked > SAME_MS) process.exit(exitCode);
    });
  }
}
