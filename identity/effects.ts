import { EffectReader } from './effect-reader.ts';
import type { ModuleParts } from './module-parts.ts';
import type { Node } from './syntax.ts';

/** A call of something of the module's top level. */
export interface Call {
  name: string;
  path: string[];
  /** Whether functions that it returns or holds may be called too. */
  whole: boolean;
  isNew: boolean;
}

/** What code may do to others when it runs: rather too much than too little. */
export interface Effects {
  /** It does something that any code may notice. */
  everywhere: boolean;
  /** Names of the top level that it gives another value. */
  sets: Set<string>;
  /** Names of the top level whose value it changes from within; true where only something that the value holds changes. */
  changes: Map<string, boolean>;
  changesThis: boolean;
  /** It calls methods of `this`, or hands `this` on. */
  callsThis: boolean;
  /** It changes what it was given, or got from elsewhere. */
  changesGiven: boolean;
  /** It calls what it was given, or got from elsewhere. */
  callsGiven: boolean;
  calls: Call[];
}

/**
 * `load`: a module is loaded, its functions are not called; `run`: a function is called, a class constructed; `all`: so are the
 * functions and methods that it holds.
 */
export type Mode = 'load' | 'run' | 'all';

const known = new WeakMap<Node, Map<Mode, Effects>>();

/** What a piece of a module's top level may do to others. */
export function effectsOf(code: Node, mode: Mode, module: ModuleParts): Effects {
  const modes = known.get(code) ?? new Map<Mode, Effects>();
  known.set(code, modes);
  let effects = modes.get(mode);
  if (!effects) {
    effects = new EffectReader(code, mode, module.around).effects;
    modes.set(mode, effects);
  }
  return effects;
}
