import { fileURLToPath } from 'node:url';

/**
 * The file that called `callee`: the first frame above it. Undefined where there is none, as in a REPL.
 * The stack is read as text, which Node has already mapped to TypeScript where source maps are on.
 */
export function definingFile(callee: (...args: never[]) => unknown): string | undefined {
  const holder: { stack?: string } = {};
  Error.captureStackTrace(holder, callee);
  for (const line of holder.stack?.split('\n').slice(1) ?? []) {
    // Up to the end of the line, for folders with parentheses in their names.
    const location = /(?:\(|at (?:async )?)((?:file:\/\/|\/|[A-Za-z]:\\)[^<>]*?):\d+:\d+\)?$/.exec(line)?.[1];
    if (!location) continue;
    return location.startsWith('file:') ? fileURLToPath(location.replace(/[?#].*$/, '')) : location;
  }
  return undefined;
}
