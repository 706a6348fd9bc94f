import Table from 'cli-table3';

/** Prints data as JSON, for programs. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

/** Prints a table without lines, as wide as its cells. */
export function printTable(head: readonly string[], rows: readonly (readonly (string | number)[])[]): void {
  const none = {
    top: '',
    'top-mid': '',
    'top-left': '',
    'top-right': '',
    bottom: '',
    'bottom-mid': '',
    'bottom-left': '',
    'bottom-right': '',
  };
  const table = new Table({
    head: [...head],
    chars: { ...none, left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '  ' },
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
  });
  for (const row of rows) table.push([...row]);
  console.log(table.toString().replace(/ +$/gm, ''));
}

/** The address of a run in Temporal Web. */
export const runLink = (ui: string, namespace: string, runId: string) =>
  `${ui.replace(/\/$/, '')}/namespaces/${namespace}/workflows/${encodeURIComponent(runId)}`;
