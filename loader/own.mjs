import { existsSync } from 'node:fs';

// Where the flowyml that runs lies: this file is <root>/loader/own.mjs in the clone, <root>/dist/loader/own.mjs installed.

export const fromSource = existsSync(new URL('../package.json', import.meta.url));
export const ownPackage = new URL(fromSource ? '../package.json' : '../../package.json', import.meta.url).href;

const ROOT = new URL('.', ownPackage).href;
// In the clone these lie below the root too, and are users' code.
const USERS = /^(?:examples|test|scripts|docs|\.flowyml)\//;

/** Whether a module is flowyml's: it needs no tsconfig.json, and is never loaded twice. */
export const isOwnCode = (url) => url.startsWith(ROOT) && !USERS.test(url.slice(ROOT.length));
