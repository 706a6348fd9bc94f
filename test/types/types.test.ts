import { beforeAll, describe, expect, it } from 'vitest';
import { caseFiles, compileCases, type Line } from './compiler.ts';

// What must compile, and what must not, with the message: see cases/. `// error: text` stands above a line that has an
// error in whose message the text occurs; every other line has none.
let cases: Map<string, Line[]>;
beforeAll(async () => {
  cases = await compileCases();
});

describe.each(caseFiles())('%s', (file) => {
  it('has errors where it is marked, and nowhere else', () => {
    const lines = cases.get(file) ?? [];
    const surprises = lines.filter(({ message, expected }) => (message === undefined) !== (expected.length === 0));
    expect(surprises.map(({ line, message, expected }) => `${file}:${line}: ${message ?? `no error: ${expected.join()}`}`)).toEqual([]);
  });

  it('has the messages that a reader needs', () => {
    for (const { line, message = '', expected } of cases.get(file) ?? []) {
      for (const text of expected) expect(message, `${file}:${line}`).toContain(text);
    }
  });
});

it('the compiler was asked: the cases have errors', () => {
  expect([...cases.values()].flat().filter(({ message }) => message).length).toBeGreaterThan(30);
});
