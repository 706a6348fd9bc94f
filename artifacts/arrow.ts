/** The module `apache-arrow`. */
export type Arrow = typeof import('apache-arrow');

let loading: Promise<Arrow> | undefined;

/** Loads apache-arrow at its first use: a pipeline of plain JSON never pays for it. */
export function loadArrow(): Promise<Arrow> {
  loading ??= import('apache-arrow');
  return loading;
}
