import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connectTemporal, type TemporalClient } from '../../client/temporal.ts';
import { type Database, migrateDatabase, openDatabase } from '../../metadata/index.ts';
import { ensureServices, type Services, type ServicesStatus, servicesStatus, stopServices } from '../../services/index.ts';
import { processes, signal } from './processes.ts';

const REGISTER = new URL('../../loader/register.mjs', import.meta.url).href;
const MAIN = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

/** A `flowyml worker`. */
export interface PlantWorker {
  pid: number;
  child: ChildProcess;
  /** When it said that it serves; rejects if it ends before. */
  serving: Promise<number>;
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  output(): string;
}

export interface PlantOptions {
  /** Modules of this folder that the project serves. */
  modules?: string[];
  /** Files written into the project, by path. */
  files?: Record<string, string>;
  /** What flowyml.yaml says beside the project's name. */
  flowyml?: string;
  /** TEMPORAL_ADDRESS and FLOWYML_DATABASE_URL, where the services are not its own. */
  services?: NodeJS.ProcessEnv;
  onClose?: () => Promise<void>;
}

/** A project with services of its own, to be killed: those that all tests share must live. */
export class Plant {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), 'flowyml-crash-')));
  readonly name = `crash${randomBytes(4).toString('hex')}`;
  readonly ledger = join(this.root, 'ledger');
  /** Where its workers put what is temporary. */
  readonly temp = join(this.root, 'tmp');
  readonly workers = new Set<PlantWorker>();
  readonly env: NodeJS.ProcessEnv;
  /** Calls to its services that have no answer yet. */
  asking = 0;
  closed = false;
  private readonly onClose: () => Promise<void>;
  private connected: { services: Services; temporal: TemporalClient; db: Database } | undefined;

  constructor({ modules = [], files = {}, flowyml = '', services = {}, onClose = async () => {} }: PlantOptions) {
    this.onClose = onClose;
    const { TEMPORAL_ADDRESS, FLOWYML_DATABASE_URL, FLOWYML_PROJECT, FLOWYML_STACK, ...env } = process.env;
    this.env = { ...env, CRASH_LEDGER: this.ledger, TMPDIR: this.temp, FLOWYML_DEBUG: '1', NO_COLOR: '1', CI: '1', ...services };
    for (const folder of [this.temp, join(this.root, 'pipelines')]) mkdirSync(folder);
    for (const [path, text] of Object.entries({ 'flowyml.yaml': `project: ${this.name}\n${flowyml}`, ...files }))
      writeFileSync(join(this.root, path), text);
    for (const module of modules) copyFileSync(new URL(module, import.meta.url), join(this.root, 'pipelines', module));
  }

  /** Starts the services that do not run, and waits until they can be used. */
  async ensure(): Promise<Services> {
    const services = await ensureServices({ root: this.root, project: this.name, env: this.env });
    if (!this.connected) {
      await migrateDatabase(services.postgres.url);
      this.connected = { services, temporal: await connectTemporal(services.temporal), db: openDatabase(services.postgres.url) };
    }
    return services;
  }

  get client(): TemporalClient['client'] {
    return this.connection.temporal.client;
  }

  get db(): Database {
    return this.connection.db;
  }

  private get connection() {
    if (!this.connected) throw new Error('the plant has not been started');
    return this.connected;
  }

  status(): Promise<ServicesStatus> {
    return servicesStatus({ root: this.root, env: this.env });
  }

  /** Starts a worker. `command` comes before the program: what runs it in another world. */
  startWorker(args: string[] = [], { command = [], env = {} }: { command?: string[]; env?: NodeJS.ProcessEnv } = {}): PlantWorker {
    // A condition that nothing asks for: step processes inherit it, and are known by it.
    const node = [process.execPath, '-C', 'flowyml-source', '-C', this.name, '--import', REGISTER, MAIN, 'worker', ...args];
    const [program = '', ...rest] = [...command, ...node];
    const child = spawn(program, rest, { cwd: this.root, env: { ...this.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const worker: PlantWorker = {
      pid: child.pid ?? 0,
      child,
      output: () => output,
      ended: new Promise((resolve) => child.on('close', (code, signal) => resolve({ code, signal }))),
      serving: new Promise((resolve, reject) => {
        const take = (chunk: Buffer) => {
          output += chunk;
          if (/ serves /.test(output)) resolve(Date.now());
        };
        child.stdout.on('data', take);
        child.stderr.on('data', take);
        child.on('close', (code, signal) => reject(new Error(`the worker ended with ${signal ?? code} before it served:\n${output}`)));
      }),
    };
    worker.serving.catch(() => {});
    this.workers.add(worker);
    void worker.ended.then(() => this.workers.delete(worker));
    return worker;
  }

  /** Processes of steps, and of workers, that still run. */
  async leftovers(): Promise<string[]> {
    return (await processes())
      .filter(({ command }) => command.includes(` -C ${this.name} `))
      .map(({ pid, command }) => `${pid} ${command}`);
  }

  serviceLog(service: 'temporal' | 'postgres'): string {
    return readFileSync(join(this.root, '.flowyml', 'logs', `${service}.log`), 'utf8');
  }

  /** Lets workers end as on SIGTERM. */
  async stopWorkers(): Promise<void> {
    const ended = [...this.workers].map((worker) => {
      signal(worker.pid, 'SIGTERM');
      return worker.ended;
    });
    await Promise.all(ended);
  }

  /** Ends all, and removes the project unless it is to be looked at. */
  async close({ keep = false } = {}): Promise<void> {
    this.closed = true;
    for (const worker of this.workers) worker.child.kill('SIGKILL');
    await Promise.all([...this.workers].map((worker) => worker.ended));
    await this.connected?.db.close();
    // After a failure some still wait: Temporal's client throws where nobody can catch it if its connection is closed then.
    if (!this.asking) await this.connected?.temporal.close();
    await stopServices({ root: this.root });
    await this.onClose();
    if (!keep) rmSync(this.root, { recursive: true, force: true, maxRetries: 3 });
  }
}
