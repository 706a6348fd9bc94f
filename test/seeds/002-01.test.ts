import { expect, it } from 'vitest';
import { printed, projectWith } from './support.ts';
import { cleanData, cleanHeld } from './twins/002-01.ts';

// A step that is a pure function, and one that works on a global of its module.
it('a pure step is tested by calling its function', () => {
  const raw_data = Object.freeze(
    [
      { sensor: 'a', celsius: 1 },
      { sensor: 'b', celsius: null },
    ].map((row) => Object.freeze(row)),
  );
  const once = cleanData.fn({ raw_data: [...raw_data] });
  expect(once).toEqual([{ sensor: 'a', celsius: 1 }]);
  expect(cleanData.fn({ raw_data: [...raw_data] })).toEqual(once);
});

it('a step with a global gives another result each time', () => {
  expect(cleanHeld.fn({ raw_data: [] })).not.toBe(cleanHeld.fn({ raw_data: [] }));
});

it('what a step does to its inputs and globals reaches neither other steps nor the script', async () => {
  const project = await projectWith('002-01.ts', '002-01-run.ts');
  const { raw_data, processed, left, seen, heldHere } = JSON.parse(await printed(project, '002-01-run.ts'));
  expect(raw_data).toHaveLength(3);
  expect(processed.map(({ sensor }: { sensor: string }) => sensor)).toEqual(['north', 'south']);
  expect(left).toBe(2);
  expect(seen).toBe(3);
  expect(heldHere).toBe(3);
});
