import { describe, expect, it } from 'vitest';
import { commitStep, findArtifact, readEnds, startAttempt, withValues } from '../../metadata/index.ts';
import type { JsonValue } from '../../pipelines/json.ts';
import type { ArtifactRef } from '../../pipelines/run-result.ts';
import { newKey, ref, succeeded, useDatabase } from './database.ts';

const on = useDatabase();

/** Commits a step with one output, and gives that output's reference without its value. */
async function made(output: ArtifactRef): Promise<ArtifactRef> {
  await commitStep(on.db, { ...newKey(), attempt: 1, end: succeeded({ output }), inputs: {} });
  const { value, ...bare } = output;
  return bare;
}

// What PostgreSQL, its driver or SQL in between could turn into something else.
const VALUES: [string, JsonValue][] = [
  ['null', null],
  ['false', false],
  ['zero', 0],
  ['the empty string', ''],
  ['a string that reads as a number', '5'],
  ['a string that reads as null', 'null'],
  ['a string that reads as JSON', '{"a":[1]}'],
  ['quotes and backslashes', `it's "so": \\ \\\\ \\u0041 $1 $$ ; -- ?`],
  ['other scripts and astral characters', 'naïve Ω 漢字 👩‍🔬 𝒳'],
  ['control characters', '\u0001\u001f\u007f\t\n\r'],
  ['numbers at the edges', [0.1, -1e-7, 5e-324, 1.7976931348623157e308, 9007199254740991, 1e21]],
  ['keys like columns and prototypes', { value: 1, sha256: 2, __proto__x: 3, '': 4, 'a b': { null: null } }],
  ['deep nesting', Array.from({ length: 500 }).reduce<JsonValue>((inner) => [inner], 'core')],
  ['100,000 characters', 'x"\\é'.repeat(25_000)],
];

describe('inline values', () => {
  it.each(VALUES)('come back as they were: %s', async (name, value) => {
    const output = ref(value, `value ${name}`);
    const bare = await made(output);
    expect(await withValues(on.db, { bare })).toEqual({ bare: output });
    expect((await findArtifact(on.db, output.sha256))?.value).toEqual(value);
  });

  it.each(VALUES)('stand in the end of the step that made them: %s', async (name, value) => {
    const key = newKey();
    const end = succeeded({ output: ref(value, `end ${name}`) });
    await commitStep(on.db, { ...key, attempt: 1, end, inputs: {} });
    expect(await readEnds(on.db, key)).toEqual({ train: end });
    expect(await startAttempt(on.db, key, 'w')).toEqual({ end });
  });

  it.each([
    ['NUL', 'a\u0000b'],
    ['half a surrogate pair', 'a\ud800b'],
  ])('that jsonb cannot hold (%s) are refused whole: nothing of the step is kept', async (name, value) => {
    const key = newKey();
    await startAttempt(on.db, key, 'w');
    const outputs = { fine: ref('fine', `${name} 1`), bad: ref(value, `${name} 2`) };
    await expect(commitStep(on.db, { ...key, attempt: 1, end: succeeded(outputs), inputs: {} })).rejects.toThrow(/Unicode|json/);
    expect(await readEnds(on.db, key)).toEqual({});
    expect(await findArtifact(on.db, outputs.fine.sha256)).toBeUndefined();
  });
});

describe('withValues', () => {
  it('asks the database only for references without a value and without bytes', async () => {
    const refs = { small: ref(null), stored: { ...(await made(ref('stored elsewhere'))), uri: 'file:///store/x' } };
    expect(await withValues(on.db, refs)).toBe(refs);
  });

  it('fills in two inputs that are the same artifact', async () => {
    const output = ref(['twice'], 'twice');
    const bare = await made(output);
    expect(await withValues(on.db, { a: bare, b: bare, c: ref(1) })).toEqual({ a: output, b: output, c: ref(1) });
  });

  it('leaves a value to the store where the same bytes were first kept there, and never gives null for it', async () => {
    const stored: ArtifactRef = { sha256: 'b'.repeat(64), type: 'bytes', size: 1, uri: 'file:///store/bb' };
    await made(stored);
    const bare = await made({ ...ref(5), sha256: stored.sha256 });
    expect(await withValues(on.db, { n: bare })).toEqual({ n: bare });
  });

  it('leaves a value that nobody committed to the store, which says that it is missing', async () => {
    const { value, ...bare } = ref('never committed', 'never committed');
    expect(await withValues(on.db, { bare, known: ref(1) })).toEqual({ bare, known: ref(1) });
  });
});
