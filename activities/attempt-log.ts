import type { ArtifactStore } from '../artifacts/store.ts';
import {
  appendLogs,
  appendMetrics,
  type Database,
  type LogStream,
  type NewLog,
  type NewMetric,
  type StepKey,
  WHOLE,
  writeProgress,
} from '../metadata/index.ts';
import { LogRest } from './log-rest.ts';
import type { StepEvent } from './step-runner.ts';

// How much of one attempt's log goes to the database; what comes after it becomes an artifact.
const LIMIT_BYTES = 1024 * 1024;
const FLUSH_MS = 200;

/**
 * Keeps what one attempt prints, logs, measures and reports, in batches. A database that is away loses no line: lines
 * wait for the next batch.
 */
export class AttemptLog {
  private readonly lines: NewLog[] = [];
  private readonly values: NewMetric[] = [];
  private progress: { fraction: number; message: string | undefined } | undefined;
  private readonly partial: Record<'stdout' | 'stderr', string> = { stdout: '', stderr: '' };
  private bytes = 0;
  private rest = new LogRest();
  private timer: NodeJS.Timeout | undefined;
  private flushing: Promise<void> = Promise.resolve();

  private readonly db: Database;
  private readonly store: ArtifactStore;
  private readonly key: StepKey & { attempt: number };

  constructor(db: Database, store: ArtifactStore, key: StepKey & { attempt: number }) {
    this.db = db;
    this.store = store;
    // Only what names the attempt: rows are made of it.
    this.key = { runId: key.runId, executionId: key.executionId, step: key.step, index: key.index ?? WHOLE, attempt: key.attempt };
  }

  /** Takes what a step reports. */
  take(event: StepEvent): void {
    if (event.kind === 'output') this.output(event.stream, event.text);
    else if (event.kind === 'log') this.line('log', event.level, event.text);
    else if (event.kind === 'metric')
      this.values.push({ ...this.key, name: event.name, value: event.value, point: event.point, at: new Date() });
    else this.progress = { fraction: event.fraction, message: event.message };
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      void this.flush().catch(() => {});
    }, FLUSH_MS);
  }

  /** Adds a line of our own. */
  note(level: 'info' | 'warn' | 'error', text: string): void {
    this.take({ kind: 'log', level, text });
  }

  /** Writes all that has come so far; what did not fit becomes an artifact, which the last line names. */
  async close(): Promise<void> {
    for (const stream of ['stdout', 'stderr'] as const) {
      if (this.partial[stream]) this.line(stream, stream === 'stderr' ? 'warn' : 'info', this.partial[stream]);
      this.partial[stream] = '';
    }
    clearTimeout(this.timer);
    this.timer = undefined;
    const { rest } = this;
    this.rest = new LogRest();
    const became = await rest.close(this.store);
    if (became) this.lines.push(this.newLine('log', 'warn', became));
    await this.flush();
  }

  private output(stream: 'stdout' | 'stderr', text: string): void {
    const lines = (this.partial[stream] + text).split('\n');
    this.partial[stream] = lines.pop() ?? '';
    for (const line of lines) this.line(stream, stream === 'stderr' ? 'warn' : 'info', line);
  }

  private line(stream: LogStream, level: string, text: string): void {
    this.bytes += text.length + 40;
    // PostgreSQL keeps no NUL in text.
    const clean = text.replaceAll('\u0000', '').replace(/\r$/, '');
    if (this.bytes <= LIMIT_BYTES) this.lines.push(this.newLine(stream, level, clean));
    else this.rest.write(`${new Date().toISOString()} ${stream} ${clean}\n`);
  }

  private newLine(stream: LogStream, level: string, text: string): NewLog {
    return { ...this.key, at: new Date(), stream, level, text };
  }

  private flush(): Promise<void> {
    this.flushing = this.flushing.catch(() => {}).then(() => this.write());
    return this.flushing;
  }

  private async write(): Promise<void> {
    const { progress } = this;
    this.progress = undefined;
    const lines = this.lines.splice(0);
    const values = this.values.splice(0);
    try {
      if (lines.length) await appendLogs(this.db, lines);
    } catch (error) {
      this.lines.unshift(...lines);
      this.values.unshift(...values);
      throw error;
    }
    try {
      if (values.length) await appendMetrics(this.db, values);
    } catch (error) {
      this.values.unshift(...values);
      throw error;
    }
    if (progress) await writeProgress(this.db, this.key, progress.fraction, progress.message);
  }
}
