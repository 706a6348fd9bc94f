import { distance } from 'fastest-levenshtein';

const NAME = /^[A-Za-z0-9_-]{1,64}$/;

/**
 * Why a name cannot be used for a pipeline, step, group, stack or project; undefined if it can.
 * Names that every object inherits are refused because Temporal's SDK looks workflow types up in a plain object.
 */
export function nameProblem(what: string, name: unknown): string | undefined {
  if (typeof name !== 'string' || !NAME.test(name)) {
    return `${what} name ${JSON.stringify(name)} is not allowed: use 1 to 64 letters, digits, '_' or '-'`;
  }
  if (name in {} || name === 'default' || name.startsWith('__temporal')) {
    return `${what} name '${name}' is reserved: choose another`;
  }
  return undefined;
}

/** The known name that looks most like the one given; undefined when none is near. */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    const d = distance(name.toLowerCase(), candidate.toLowerCase());
    if (d < least) {
      least = d;
      best = candidate;
    }
  }
  return best;
}

/** `; did you mean 'x'?` or, when nothing is near, the known names; for the end of an error message. */
export function hint(name: string, known: Iterable<string>): string {
  const all = [...known];
  const near = nearest(name, all);
  if (near) return `; did you mean '${near}'?`;
  return all.length ? `; known: ${all.slice(0, 20).join(', ')}` : '';
}
