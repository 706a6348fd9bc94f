import { existsSync } from 'node:fs';

// Where the flowyml that runs lies: this file is <root>/loader/own.mjs in the clone, <root>/dist/loader/own.mjs installed.

export const fromSource = existsSync(new URL('../package.json', import.meta.url));
export const ownPackage = new URL(fromSource ? '../package.json' : '../../package.json', import.meta.url).href;

const ROOT = new URL('.', ownPackage).href;
// In the clone by name: examples, tests and whatever else lies there are users' code.
const OWN = fromSource
  ? /^(?:activities|artifacts|cli|client|identity|loader|metadata|pipelines|services|stacks|testing|tracing|workers|workflows)\//
  : /^dist\//;

/** Whether a module is flowyml's: it needs no tsconfig.json, and is never loaded twice. */
export const isOwnCode = (url) => url.startsWith(ROOT) && OWN.test(url.slice(ROOT.length));
