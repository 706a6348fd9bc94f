import { fileURLToPath } from 'node:url';

const SOURCE_CONDITION = 'flowyml-source';
const REGISTER = new URL('./register.mjs', import.meta.url).href;
const fromSource = import.meta.url.endsWith('.ts');

// Of this process alone: debuggers would fight over the port, and the program is another one.
const NOT_INHERITED =
  /^(?:--inspect|--debug-port|--eval|-e$|--print|-p$|-pe$|--input-type|--check|-c$|--interactive|-i$|--test|--watch|--run$)/;

/**
 * Node's own options for a process of ours that runs the way this one does: from source or from dist, with the loader, and
 * with this process's options (`-C`, `--import`, limits). NODE_OPTIONS reach a child through its environment.
 */
export function execArguments(): string[] {
  return [...inherited(process.execArgv), ...(fromSource ? ['-C', SOURCE_CONDITION] : []), '--import', REGISTER];
}

/**
 * What `process.execPath` needs to run one of our own files; `entry` is named as in the source.
 *
 * @example
 * spawn(process.execPath, [...nodeArguments(new URL('./main.ts', import.meta.url)), 'plan', 'a.ts']);
 */
export function nodeArguments(entry: URL): string[] {
  return [...execArguments(), entryFile(entry)];
}

/** The file to run for one of our own, named as in the source: itself, or what it was built to. For `fork()` and threads. */
export function entryFile(entry: URL): string {
  const file = fileURLToPath(entry);
  return fromSource ? file : file.replace(/\.ts$/, '.js');
}

function inherited(options: readonly string[]): string[] {
  // An option with the values that follow it.
  const groups: string[][] = [];
  for (const option of options) {
    if (option.startsWith('-') || !groups.length) groups.push([option]);
    else groups.at(-1)?.push(option);
  }
  return groups.filter((group) => !NOT_INHERITED.test(group[0] ?? '') && !isOwn(group.join(' '))).flat();
}

const isOwn = (option: string) => new RegExp(`^(?:-C|--conditions)[ =]${SOURCE_CONDITION}$`).test(option) || option.endsWith(REGISTER);
