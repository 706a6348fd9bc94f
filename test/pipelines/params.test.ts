import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { JsonObject } from '../../pipelines/json.ts';
import { paramProblems, paramValues } from '../../pipelines/params.ts';
import { type PipelineOptions, pipeline } from '../../pipelines/pipeline.ts';
import type { Params } from '../../pipelines/step.ts';
import { make } from './steps.ts';

/** A pipeline with a step for each set of params. */
const taking = (sets: Params[], options: PipelineOptions = {}) =>
  pipeline('p', { ...options, steps: sets.map((params, i) => make(`s${i}`, { params })) });
const problems = (params: Params, given: JsonObject, context: JsonObject = {}) => paramProblems(taking([params], { context }), given);

const lr = z.number().positive();

describe('values', () => {
  it('are the run’s over the context’s; free keys of the context come along', () => {
    const p = taking([{ lr }], { context: { lr: 0.1, free: { a: 1 } } });
    expect(paramValues(p, { lr: 0.5 })).toEqual({ lr: 0.5, free: { a: 1 } });
    expect(paramValues(p, {})).toEqual({ lr: 0.1, free: { a: 1 } });
    expect(p.options.context).toEqual({ lr: 0.1, free: { a: 1 } });
    expect(paramValues(taking([{ lr }]), { lr: 1 })).toEqual({ lr: 1 });
  });

  it.each<[string, Params, JsonObject, JsonObject]>([
    ['from the run', { lr }, { lr: 1 }, {}],
    ['from the context', { lr }, {}, { lr: 1 }],
    ['from the run, where the context’s is wrong', { lr }, { lr: 1 }, { lr: 'x' }],
    ['from the schema’s default', { lr: lr.default(0.1) }, {}, {}],
    ['from nowhere, where it is optional', { lr: lr.optional() }, {}, {}],
    ['coerced', { n: z.coerce.number() }, { n: '5' }, {}],
    ['for a free key of the context', { lr }, { lr: 1, free: 2 }, { free: 1 }],
    ['null, where the schema takes it', { note: z.string().nullable() }, { note: null }, {}],
    [
      'a codec’s stored form',
      { day: z.codec(z.string(), z.date(), { decode: (s) => new Date(s), encode: String }) },
      { day: '2026-01-01' },
      {},
    ],
  ])('are fine: %s', (_, params, given, context) => {
    expect(problems(params, given, context)).toEqual([]);
  });
});

describe('problems', () => {
  it('an unknown name, with the nearest of params and context, or all of them', () => {
    expect(
      problems({ learning_rate: lr.default(1), epochs: z.int().default(1) }, { learningrate: 1, bacth: 2, zzzzzzzz: 3 }, { batch: 1 }),
    ).toEqual([
      "unknown param 'learningrate'; did you mean 'learning_rate'?",
      "unknown param 'bacth'; did you mean 'batch'?",
      "unknown param 'zzzzzzzz'; known: learning_rate, epochs, batch",
    ]);
    expect(problems({}, { x: 1 })).toEqual(["unknown param 'x'; this pipeline takes none"]);
  });

  it('a missing one, with its type and what to do', () => {
    const params = { lr, mode: z.enum(['fast', 'good']), names: z.array(z.string()), either: z.union([z.string(), z.number()]) };
    const missing = (what: string) =>
      `param '${what} is missing: step 's0' needs it; give it as a run's param or in the pipeline's context`;
    expect(problems(params, {})).toEqual([
      missing("lr' (number)"),
      missing(`mode' (one of ["fast","good"])`),
      missing("names' (array)"),
      missing("either' (value)"),
    ]);
  });

  it('a wrong type, with the place, what was expected and what was given', () => {
    const params = { lr, mode: z.enum(['fast', 'good']), opt: z.object({ sizes: z.array(z.number()) }) };
    expect(problems(params, { lr: 'high', mode: 'slow', opt: { sizes: [1, 'b'] } })).toEqual([
      `param 'lr' of step 's0': expected number, received string (got "high")`,
      `param 'mode' of step 's0': Invalid option: expected one of "fast"|"good" (got "slow")`,
      `param 'opt' of step 's0': at sizes[1]: expected number, received string (got {"sizes":[1,"b"]})`,
    ]);
    expect(problems({ lr }, { lr: -1 })).toEqual(["param 'lr' of step 's0': Too small: expected number to be >0 (got -1)"]);
    expect(problems({ lr }, { lr: null })).toEqual(["param 'lr' of step 's0': expected number, received null (got null)"]);
  });

  it('a wrong value of the context, as if the run had given it', () => {
    expect(problems({ lr }, {}, { lr: 'x' })).toEqual([`param 'lr' of step 's0': expected number, received string (got "x")`]);
  });

  it('one that two steps declare, for each of them', () => {
    const p = taking([{ lr: z.number() }, { lr: z.string() }]);
    expect(paramProblems(p, { lr: 1 })).toEqual(["param 'lr' of step 's1': expected string, received number (got 1)"]);
    expect(paramProblems(p, { lr: true })).toHaveLength(2);
  });

  it('a name that every object has is not taken from there', () => {
    expect(problems({ constructor: z.any().refine((v) => v !== undefined) }, {})).toEqual([
      "param 'constructor' (value) is missing: step 's0' needs it; give it as a run's param or in the pipeline's context",
    ]);
    expect(problems({ lr }, { lr: 1, toString: 1 })).toEqual(["unknown param 'toString'; known: lr"]);
  });

  it('a schema that throws or waits says so of the param', () => {
    const throws = z.number().transform(() => {
      throw new Error('no such table');
    });
    expect(problems({ a: throws }, { a: 1 })).toEqual(["param 'a' of step 's0': its schema failed: no such table (got 1)"]);
    expect(problems({ a: z.number().refine(async () => true) }, { a: 1 })).toEqual([
      expect.stringMatching(/^param 'a' of step 's0': its schema failed: .*Promise/),
    ]);
  });
});
