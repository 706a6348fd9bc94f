import { findSourceMap } from 'node:module';
import { fileURLToPath } from 'node:url';
import { type AnyStep, stepOrigin } from '../pipelines/step.ts';

/** A place in a file, as it stands on disk; line and column from 1. */
export interface Place {
  file: string;
  line: number;
  column: number;
}

const OWN = new URL('../pipelines/', import.meta.url).href;
// Below it, a module is being loaded: what asked for the module is no part of the step.
const LOADING = /^node:internal\/modules\//;
const known = new WeakMap<Error, Place[] | undefined>();

/**
 * The calls that made a step, innermost first, up to the top level of a module: the code of flowyml and of installed packages
 * left out. Undefined where that cannot be known: for a changed copy of a step, for code made by `eval`.
 */
export function placesOf(step: AnyStep): Place[] | undefined {
  const origin = stepOrigin(step);
  if (!origin) return undefined;
  if (!known.has(origin)) known.set(origin, read(origin));
  return known.get(origin);
}

function read(origin: Error): Place[] | undefined {
  const stack = callSites(origin);
  const places = typeof stack === 'string' ? placesInText(stack) : placesOfSites(stack);
  return places?.filter(({ file }) => !/[\\/]node_modules[\\/]/.test(file));
}

/** The stack as V8 has it; its text where somebody has asked for that before. */
function callSites(origin: Error): readonly NodeJS.CallSite[] | string {
  const before = Error.prepareStackTrace;
  Error.prepareStackTrace = (_, sites) => sites;
  try {
    return (origin.stack as unknown as NodeJS.CallSite[] | string | undefined) ?? '';
  } finally {
    Error.prepareStackTrace = before;
  }
}

function placesOfSites(sites: readonly NodeJS.CallSite[]): Place[] | undefined {
  const places: Place[] = [];
  for (const site of sites) {
    const name = site.getFileName() ?? '';
    if (LOADING.test(name)) break;
    if (site.isEval() || site.getEvalOrigin()?.startsWith('eval at')) return undefined;
    const [line, column] = [site.getLineNumber(), site.getColumnNumber()];
    if (line === null || column === null || name.startsWith(OWN) || !/^(?:file:|\/|[A-Za-z]:\\)/.test(name)) continue;
    places.push(mapped(name, line, column));
  }
  return places;
}

/** TypeScript runs as what a loader made of it; JavaScript as it stands, whatever map a build left beside it. */
function mapped(name: string, line: number, column: number): Place {
  const file = name.startsWith('file:') ? fileURLToPath(name.replace(/[?#].*$/, '')) : name;
  const map = /\.[cm]?tsx?$/.test(file) ? findSourceMap(name) : undefined;
  const entry = map?.findEntry(line - 1, column - 1);
  if (!entry || !('originalLine' in entry)) return { file, line, column };
  return { file, line: entry.originalLine + 1, column: entry.originalColumn + 1 };
}

/** As Node prints a stack, which maps places by itself. */
function placesInText(stack: string): Place[] | undefined {
  const places: Place[] = [];
  for (const text of stack.split('\n').slice(1)) {
    if (/\(?node:internal\/modules\//.test(text)) break;
    if (/\beval at\b/.test(text)) return undefined;
    const [, name = '', line, column] = /(?:\(|at (?:async )?)((?:file:\/\/|\/|[A-Za-z]:\\)[^<>]*?):(\d+):(\d+)\)?$/.exec(text) ?? [];
    if (!name || name.startsWith(OWN) || name.startsWith(fileURLToPath(OWN))) continue;
    const file = name.startsWith('file:') ? fileURLToPath(name.replace(/[?#].*$/, '')) : name;
    places.push({ file, line: Number(line), column: Number(column) });
  }
  return places;
}
