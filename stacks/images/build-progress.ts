import { decodeStatus, type Vertex } from './buildkit-status.ts';
import type { Instruction } from './dockerfile-instructions.ts';

/** A message of Docker's build stream. */
export interface BuildMessage {
  id?: string;
  aux?: unknown;
  stream?: string;
  error?: string;
  errorDetail?: { message?: string };
}

const KEPT_LINES = 200;
const SHOWN_LINES = 20;

/** Follows a build: a line for each of its steps, and what the step that fails had printed. */
export class BuildProgress {
  /** `sha256:…` of the image that was built. */
  imageId: string | undefined;
  error: string | undefined;
  private failed: Vertex | undefined;
  private readonly told = new Set<string>();
  private readonly output = new Map<string, string[]>();
  private readonly onProgress: (line: string) => void;

  constructor(onProgress: (line: string) => void) {
    this.onProgress = onProgress;
  }

  add(message: BuildMessage): void {
    if (message.error !== undefined) this.error = message.errorDetail?.message ?? message.error;
    if (message.id === 'moby.image.id') this.imageId = (message.aux as { ID?: string }).ID;
    if (message.id !== 'moby.buildkit.trace' || typeof message.aux !== 'string') return;
    const { vertexes, logs } = decodeStatus(message.aux);
    for (const { vertex, msg } of logs) {
      const lines = [
        ...(this.output.get(vertex) ?? []),
        ...Buffer.from(msg)
          .toString('utf8')
          .split('\n')
          .filter((line) => line.trim()),
      ];
      this.output.set(vertex, lines.slice(-KEPT_LINES));
    }
    for (const vertex of vertexes) {
      if (vertex.error && !/context canceled/.test(vertex.error)) this.failed ??= vertex;
      if (this.told.has(vertex.digest) || !vertex.started || vertex.name.startsWith('[internal]') || !vertex.name.startsWith('[')) continue;
      this.told.add(vertex.digest);
      this.onProgress(`${vertex.name}${vertex.cached ? ' (unchanged)' : ''}`);
    }
  }

  /** What went wrong, for a person: the line of the Dockerfile, the reason, the last lines of output. */
  problem(name: string, instructions: readonly Instruction[]): string {
    const error = this.error ?? this.failed?.error ?? 'the build ended without an image';
    const parsed = /dockerfile parse error (?:on )?line (\d+): (.*)/is.exec(error);
    if (parsed) return `${name}:${parsed[1]}: ${parsed[2]?.trim()}`;
    const step = this.failed?.name.replace(/^\[[^\]]*\]\s*/, '');
    const instruction = step === undefined ? undefined : matching(step, instructions);
    const output = (this.output.get(this.failed?.digest ?? '') ?? []).slice(-SHOWN_LINES).map((line) => `\n    ${line}`);
    return `${name}${instruction ? `:${instruction.line}` : ''}: ${step ? `${step}: ` : ''}${reasonOf(error)}${output.join('')}`;
  }
}

/** BuildKit shows variables filled in, so the same keyword with the most words in common counts. */
function matching(step: string, instructions: readonly Instruction[]): Instruction | undefined {
  const [keyword = '', ...words] = step.split(/\s+/);
  const same = instructions.filter((each) => each.keyword === keyword.toUpperCase());
  const score = ({ rest }: Instruction) => words.filter((word) => rest.includes(word)).length;
  return same.length ? same.reduce((best, each) => (score(each) > score(best) ? each : best)) : undefined;
}

function reasonOf(error: string): string {
  const code = /exit code: (\d+)/.exec(error)?.[1];
  if (code !== undefined) return `exit code ${code}`;
  const missing = /"([^"]+)" not found: not found|"([^"]+)": not found/.exec(error);
  if (missing) return `there is no ${missing[1] ?? missing[2]} in the build context; or .dockerignore leaves it out`;
  if (/exec format error/.test(error)) return 'exec format error: built for another processor than this machine has';
  return error
    .replace(/^(?:failed to solve(?: with frontend \S+)?|failed to create LLB definition|failed to compute cache key): /g, '')
    .replace(/^failed to create LLB definition: /, '');
}
