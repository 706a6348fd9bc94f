import { sha256 } from './data.ts';
import type { EnumShape } from './enums.ts';
import type { Imported } from './flowyml-calls.ts';
import type { Reference } from './references.ts';
import type { Node } from './syntax.ts';
import { Writer } from './writer.ts';

/** What the text of a piece of code depends on in its module. */
export interface Surroundings {
  /** All names of the module's top level, imports included. */
  names: ReadonlySet<string>;
  imported: Imported;
  /** What is named by `import()`, `require()`, `new URL('…', import.meta.url)`, by where the name stands. */
  references: ReadonlyMap<number, Reference>;
}

/** A mention of a name of the module's top level, with the members that follow it: `config`, `helpers.text.trim`. */
export interface Mention {
  name: string;
  path: string[];
  /** Whether it stands only in what flowyml is given: `load` in `pipeline('p', { steps: [load] })`. */
  given: boolean;
}

/** A piece of code with all left out that does not change what it does. */
export interface Canonical {
  /** Of its text: without positions, comments and types; local names numbered, names of the top level by their mentions. */
  hash: string;
  mentions: Mention[];
  references: Reference[];
  /** Variables of the environment that it reads; `*` for all of them. */
  environment: string[];
  /** What it reaches that nobody can see in the text. */
  unseen: string[];
}

/**
 * Code in the one spelling that all code that does the same has: TypeScript, and what is left of it without its types.
 * What is in `leftOut` is not written.
 */
export function canonical(code: Node | EnumShape, around: Surroundings, leftOut?: ReadonlySet<Node>): Canonical {
  const writer = new Writer(around, leftOut);
  const text = 'scoped' in code ? writer.enum(code) : writer.write(code);
  return {
    hash: sha256(text),
    mentions: [...writer.naming.mentions.values()].map(({ name, path, given }) => ({ name, path, given })),
    references: writer.references,
    environment: [...writer.environment],
    unseen: [...writer.unseen],
  };
}
