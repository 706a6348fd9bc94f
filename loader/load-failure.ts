import { isAbsolute } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FlowymlError, UsageError } from '../pipelines/errors.ts';
import { shownPath } from './module-argument.ts';

/** What a user is told when importing their module failed: what went wrong and where, without a stack. */
export async function loadFailure(file: string, error: unknown): Promise<UsageError> {
  return new UsageError(await explain(file, error), { cause: error });
}

async function explain(file: string, error: unknown): Promise<string> {
  const module = shownPath(file);
  if (!(error instanceof Error)) return `${module} threw while it was loaded: ${String(error)}`;
  const { code } = error as { code?: unknown };
  if (code === 'FLOWYML_SYNTAX') return relativePaths(error.message);
  if (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') return notFound(module, error);
  const frame = firstOwnFrame(error.stack ?? '');
  if (!frame && error instanceof SyntaxError) {
    const problem = await syntaxProblem(file);
    if (problem) return relativePaths(problem);
  }
  const name = error.name === 'Error' || error instanceof FlowymlError ? '' : `${error.name}: `;
  return `${module} failed to load: ${name}${relativePaths(error.message)}${frame ? `\n  at ${frame}` : ''}`;
}

/** Where the mistake is in a JavaScript file: V8 does not say. */
async function syntaxProblem(file: string): Promise<string | undefined> {
  const transform: { syntaxProblem(file: string): string | undefined } = await import(new URL('./transform.mjs', import.meta.url).href);
  return transform.syntaxProblem(file);
}

function notFound(module: string, error: Error): string {
  const importer = / imported from (.+)$/m.exec(error.message)?.[1]?.trim();
  const by = importer ? shownPath(asPath(importer)) : module;
  const name = /Cannot find package '([^']+)'/.exec(error.message)?.[1];
  if (name) return `${by} imports '${name}', which is not installed: run npm install ${name}`;
  const path = /Cannot find module '([^']+)'/.exec(error.message)?.[1];
  return path ? `${by} imports ${shownPath(asPath(path))}, which does not exist` : `${module} failed to load: ${error.message}`;
}

// `at f (file:///x/a.ts:3:9)`, `at async /x/a.ts:3:9`; and `/x/a.ts:3` above the message of an import that does not fit.
const FRAME = /^\s+at (?:async )?(?:(.+) \((.+?)(:\d+:\d+)\)|(.+?)(:\d+:\d+))$/;
const HEADER = /^()((?:file:|[\\/]|[A-Za-z]:).*?)(:\d+)$/;

/** `helper (lib/a.ts:3:9)`: the first frame of a stack that lies in the user's own files. */
function firstOwnFrame(stack: string): string | undefined {
  for (const line of stack.split('\n')) {
    const [, callee, named, namedAt, bare, bareAt] = FRAME.exec(line) ?? HEADER.exec(line) ?? [];
    const file = asPath(named ?? bare ?? '');
    if (!isAbsolute(file) || /[\\/]node_modules[\\/]/.test(file) || isOwn(file)) continue;
    const where = `${shownPath(file)}${namedAt ?? bareAt}`;
    return callee && callee !== '<anonymous>' ? `${callee} (${where})` : where;
  }
  return undefined;
}

const OWN_FOLDERS = ['../loader/', '../pipelines/'].map((folder) => fileURLToPath(new URL(folder, import.meta.url)));
const isOwn = (file: string) => OWN_FOLDERS.some((folder) => file.startsWith(folder));

const asPath = (location: string) => (location.startsWith('file:') ? fileURLToPath(location.replace(/[?#].*$/, '')) : location);

const relativePaths = (text: string) => text.replaceAll(`${process.cwd()}/`, '');
