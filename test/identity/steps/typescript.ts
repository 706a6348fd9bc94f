import { BASE } from './base-project.ts';

/** What TypeScript has beyond JavaScript with types, to be put beside the base project. */
export const TYPESCRIPT: Record<string, string> = {
  'pipelines/main.ts': (BASE['pipelines/main.ts'] ?? '')
    .replace('import { twice }', "import { typed } from '../steps/typed.ts';\nimport { twice }")
    .replace('    hidden,', '    hidden,\n    typed,'),
  'steps/typed.ts': `import { step, type StepRun } from 'flowyml';
import { z } from 'zod';
import { Shape, type Side, Unit, Flags, Mixed } from '../src/shapes.ts';
import * as types from '../src/only-types.ts';
import { Kind } from '../src/only-types.ts';
import { type Unused } from '../src/effects.ts';

type Local = { a: number };
const identity = <T,>(value: T): T => value;
function over(a: string): string;
function over(a: number): number;
function over(a: unknown): unknown {
  return a;
}

export const typed = step(
  { name: 'typed', outputs: { out: z.custom<Local>() } } as const,
  async (_args: object, run: StepRun): Promise<never> => {
    const shape = new Shape<Side>('a', [1, 2]!, 3);
    const at = (shape as unknown as { rows?: number[] }).rows?.[0]!;
    let definite!: number;
    const text = \`plain\`;
    const fn = function (this: Shape<Side>, first?: number, ...rest: number[]): asserts first {};
    for (const side of [Unit.Meter, Flags.Both] satisfies number[]) definite = side;
    enumerate<number>(Mixed.Computed, Mixed.Text);
    return [identity<number>(at), over(1), definite, text, fn, <Local>{}, run.attempt, 1_000, 0xff, 'it\\'s', /a"b/u] as never;
  },
);

function enumerate<T>(...values: (T | string)[]): void {
  label: for (const value of values) {
    if (value) continue label;
    else break label;
  }
}
declare global {
  interface Array<T> {
    never: T;
  }
}
export type { Local };
export { type Kind, types };
`,
  'src/only-types.ts': 'export type Kind = 1;\n',
  'src/effects.ts': "import { setDefaultResultOrder } from 'node:dns';\nexport interface Unused {}\nsetDefaultResultOrder('ipv4first');\n",
  'src/shapes.ts': `import { createHash as sha } from 'node:crypto';
import type { Kind } from './only-types.ts';
export enum Unit { Meter, Foot = 3, Yard = Foot * 3, 'two words' = 1 << 4, Last }
export const enum Flags { None = 0, A = 1 << 0, B = 1 << 1, Both = A | Flags.B, Not = ~B }
export enum Mixed { Text = 'text', Joined = \`\${Text}-x\`, Computed = 'abc'.length, After = -1, Next }
export type Side = 'left' | 'right';
interface Sized { size(): number }
export abstract class Base<T> implements Sized {
  declare hidden: T;
  abstract label: string;
  protected optional?: number;
  static #count = 0;
  abstract size(): number;
  protected constructor(public side: T, protected readonly margin = 2) {
    Base.#count++;
  }
  get total(): number { return this.margin + Base.#count; }
  set total(value: number) { void value; }
}
export class Shape<T> extends Base<string> {
  label = 'shape';
  [key: string]: unknown;
  static { this.prototype.label; }
  constructor(side: string, private rows: number[], override readonly margin: number) {
    super(side);
    this.rows.push(margin);
  }
  override size(): number { return this.rows.length + sha('md5').update(this.label).digest().length; }
  size2?(kind: Kind): void;
  async *each(this: Shape<T>): AsyncGenerator<number> { yield* this.rows; }
}
`,
};
