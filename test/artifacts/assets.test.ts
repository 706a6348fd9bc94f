import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { bytes, dataset, file, metrics, model, type OutputType } from '../../pipelines/artifact-types.ts';
import { OutputInvalid, UsageError } from '../../pipelines/errors.ts';
import type { Asset, TableValue } from '../../pipelines/values.ts';
import { bench, tempFolder } from './helpers.ts';

const weights = z.object({ weight: z.number() });

describe('round trips', () => {
  test('a dataset is a table with a name, a version, properties, tags and parents', async () => {
    const { save, load } = bench();
    const raw = (await load(dataset(), await save(dataset(), { data: [{ a: 1 }] }, 'raw'))) as Asset<TableValue>;
    const ref = await save(dataset(), {
      data: [{ a: 1 }, { a: 2 }],
      name: 'events.clean',
      version: '2024.05',
      parent: [raw, raw],
      properties: { rows: 2, source: { table: 'x' } },
      tags: { team: 'risk' },
    });
    expect(ref).toMatchObject({ type: 'dataset<table>', rows: 2, preview: '2 rows × 1 column: a' });
    expect(ref.asset).toEqual({
      kind: 'dataset',
      name: 'events.clean',
      version: '2024.05',
      properties: { rows: 2, source: { table: 'x' } },
      tags: { team: 'risk' },
      parents: [raw.sha256],
    });
    const asset = (await load(dataset(), ref)) as Asset<TableValue>;
    expect(await asset.data.toArray()).toEqual([{ a: 1 }, { a: 2 }]);
    expect([asset.kind, asset.name, asset.version, asset.tags.team, asset.properties.rows]).toEqual([
      'dataset',
      'events.clean',
      '2024.05',
      'risk',
      2,
    ]);
    expect(JSON.parse(JSON.stringify(asset))).toEqual({
      kind: 'dataset',
      name: 'events.clean',
      version: '2024.05',
      properties: { rows: 2, source: { table: 'x' } },
      tags: { team: 'risk' },
      sha256: ref.sha256,
    });
    asset.properties.rows = 3;
    expect(ref.asset?.properties.rows).toBe(2);
  });

  test('names: the source first, then the declaration, then the output', async () => {
    const { save } = bench();
    const named = model(weights, { name: 'declared', version: 'v1' });
    const data = { weight: 1 };
    expect((await save(named, { data, name: 'given', version: 'v2' })).asset).toMatchObject({ name: 'given', version: 'v2' });
    expect((await save(named, { data })).asset).toMatchObject({ name: 'declared', version: 'v1' });
    expect((await save(model(weights), { data }, 'best')).asset).toEqual({
      kind: 'model',
      name: 'best',
      properties: {},
      tags: {},
      parents: [],
    });
  });

  test('a model is a file', async () => {
    const { save, load } = bench();
    const path = join(tempFolder(), 'model.bin');
    writeFileSync(path, 'w');
    const ref = await save(model(), { data: path });
    expect(ref).toMatchObject({ type: 'model<file>', preview: 'model.bin, 1 byte' });
    expect(((await load(model(), ref)) as Asset<string>).data).toMatch(/inputs\/in\/in$/);
  });

  test('small data travels in the reference', async () => {
    const { save, load } = bench();
    const ref = await save(model(weights), { data: { weight: 2 } });
    expect(ref.value).toEqual({ weight: 2 });
    expect(((await load(model(weights), ref)) as Asset<unknown>).data).toEqual({ weight: 2 });
  });

  test('metrics: the numbers alone, or as an asset', async () => {
    const { save, load } = bench();
    const plain = await save(metrics(), { auc: 0.7, loss: 0.1 }, 'scores');
    expect(plain).toMatchObject({ type: 'metrics', value: { auc: 0.7, loss: 0.1 }, asset: { kind: 'metrics', name: 'scores' } });
    const trained = (await load(metrics(), plain)) as Asset<Record<string, number>>;
    expect(trained.data.auc).toBe(0.7);
    const full = await save(metrics(), { data: { auc: 0.7, loss: 0.1 }, version: 'v1', parent: trained });
    expect([full.sha256, full.asset?.parents]).toEqual([plain.sha256, [plain.sha256]]);
    expect((await save(metrics(), { data: 1, name: 2 })).value).toEqual({ data: 1, name: 2 });
    expect((await save(metrics(), {})).value).toEqual({});
  });

  test('an asset that was received can be returned', async () => {
    const { save, load } = bench();
    for (const [type, data] of [
      [dataset(), [{ a: 1 }]],
      [dataset(bytes()), Buffer.from('x')],
    ] as [OutputType, unknown][]) {
      const ref = await save(type, { data, name: 'n', version: 'v' });
      expect(await save(type, await load(type, ref))).toEqual(ref);
    }
  });
});

describe('what does not fit', () => {
  const data = { weight: 1 };
  const looped: Record<string, unknown> = {};
  looped.self = looped;

  test.each<[string, OutputType, unknown, string]>([
    [
      'no data',
      model(weights),
      { weight: 1 },
      "output 'out': a step returns a model<json> as { data, name?, version?, parent?, properties?, tags? }, where data is what is kept; received object with weight",
    ],
    ['a path alone', model(file()), '/tmp/x', 'a step returns a model<file> as { data, name?'],
    ['nothing', dataset(), undefined, 'received undefined'],
    ['metrics that are none', metrics(), 3, 'a step returns a metrics as an object of numbers, or { data, name?'],
    ['a list of metrics', metrics(), [1], 'received array of 1'],
    ['wrong data', model(weights), { data: { weight: 'x' } }, "output 'out': at weight: expected number, received string"],
    ['an infinite metric', metrics(), { loss: Number.NaN }, "output 'out': at loss: expected a finite number, received NaN"],
    ['a text as a metric', metrics(), { data: { loss: '1' } }, 'at loss: expected a finite number, received string "1"'],
    ['a misspelt key', model(weights), { data, propertis: {} }, "an asset has no 'propertis'; did you mean 'properties'?"],
    [
      'a bad name',
      model(weights),
      { data, name: 'a b' },
      "at name: expected 1 to 64 letters, digits, '_', '-' or '.', received string \"a b\"",
    ],
    [
      'a bad version',
      model(weights),
      { data, version: 'v1@2' },
      "at version: expected 1 to 64 characters without white space, '@' and '#'",
    ],
    ['a version that is a number', model(weights), { data, version: 3 }, 'received number 3'],
    ['properties that are none', model(weights), { data, properties: [1] }, 'at properties: expected an object, received array of 1'],
    [
      'properties that JSON does not know',
      model(weights),
      { data, properties: { at: new Date(0) } },
      'at properties.at: expected a value that JSON knows, received instance of Date',
    ],
    ['a cycle', model(weights), { data, properties: looped }, 'at properties.self: refers back'],
    [
      'huge properties',
      model(weights),
      { data, properties: { x: 'x'.repeat(20_000) } },
      'at properties: have 20.0 kB of JSON, and at most 16.4 kB are allowed: keep large things in data',
    ],
    ['tags that are no strings', model(weights), { data, tags: { a: 1 } }, 'at tags.a: expected a string, received number 1'],
    [
      'a parent that is a name',
      model(weights),
      { data, parent: 'raw' },
      'at parent: expected an asset that the step received, or an array of them; received string "raw"',
    ],
  ])('%s', async (_, type, value, message) => {
    const error = await bench()
      .save(type, value)
      .catch((e: unknown) => e);
    expect(error).toBeInstanceOf(OutputInvalid);
    expect((error as Error).message).toContain(message);
  });

  test('an asset of an asset, and an artifact that is none', async () => {
    const { save, load } = bench();
    await expect(save(model(metrics()), { data: {} })).rejects.toThrow(UsageError);
    const { asset: _, ...ref } = await save(metrics(), { a: 1 });
    await expect(load(metrics(), ref)).rejects.toThrow("input 'in' expects an asset (metrics), and the artifact says nothing of one");
    await expect(load(dataset(), await save(model(weights), { data: { weight: 1 } }))).rejects.toThrow(
      'is declared as dataset<table>, and the artifact is model<json>',
    );
  });
});
