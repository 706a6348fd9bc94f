import { describe, expect, it } from 'vitest';
import { requestProblems } from '../../activities/request.ts';

const problems = (request: unknown) => requestProblems(request);

describe('a request', () => {
  it.each([
    {},
    { params: {} },
    { params: { lr: 0.1, names: ['a', null], nested: { deep: [{ x: true }] } } },
    { stack: 'local', tags: ['nightly'], experiment: 'lr sweep', project: 'fraud', codeHash: 'abc', debug: true },
    { resumeFrom: 'training-1', forceFrom: 'train' },
    { priority: 1 },
    { priority: 5 },
    { params: { text: 'naïve 👩‍🔬 "quoted" \\ back' } },
  ])('%j is fine', (request) => {
    expect(problems(request)).toEqual([]);
  });

  it.each([
    [{ param: {} }, ["the run's request has an unknown field 'param'; did you mean 'params'?"]],
    [{ code_hash: 'x' }, ["the run's request has an unknown field 'code_hash'; did you mean 'codeHash'?"]],
    [{ toString: 1 }, [expect.stringMatching(/^the run's request has an unknown field 'toString'; known: params, stack, /)]],
    [{ params: 5 }, ["the run's request: at params: expected record, received number"]],
    [{ params: [1] }, ["the run's request: at params: expected record, received array"]],
    [{ stack: 5 }, ["the run's request: at stack: expected the name of a stack, or a stack as an object"]],
    [{ stack: { name: 'x', type: 'gpc' } }, ['stack: type "gpc" is unknown; did you mean \'gcp\'?']],
    [{ stack: { name: 'x', type: 'gcp', bucketNam: 'b' } }, ["stack: unknown key 'bucketNam'; did you mean 'bucketName'?"]],
    [{ stack: { type: 'gcp' } }, ["stack: stack name undefined is not allowed: use 1 to 64 letters, digits, '_' or '-'"]],
    [{ tags: 'nightly' }, ["the run's request: at tags: expected array, received string"]],
    [{ tags: ['a', 5] }, ["the run's request: at tags[1]: expected string, received number"]],
    ...[0, 6, 1.5, -1, 'high', null, '1'].map((priority): [object, string[]] => [
      { priority },
      [`the run's request: at priority: ${JSON.stringify(priority)} is not a priority: give a whole number from 1 (first) to 5`],
    ]),
    [{ debug: 'yes' }, ["the run's request: at debug: expected boolean, received string"]],
    [{ forceFrom: 'train' }, ["forceFrom goes with resumeFrom: which run's steps are to be taken over?"]],
    [{ params: { text: 'a\u0000b' } }, ['a param or tag holds a NUL character or half of a surrogate pair, which cannot be kept']],
    [null, ["the run's request: expected object, received null"]],
    ['training', ["the run's request: expected object, received string"]],
    [[], ["the run's request: expected object, received array"]],
  ])('%j has a problem', (request, expected) => {
    expect(problems(request)).toEqual(expected);
  });

  it('has all its problems named at once', () => {
    expect(problems({ parms: {}, tag: [], tags: 'x', stack: null })).toEqual([
      "the run's request has an unknown field 'parms'; did you mean 'params'?",
      "the run's request has an unknown field 'tag'; did you mean 'tags'?",
      "the run's request: at stack: expected the name of a stack, or a stack as an object",
      "the run's request: at tags: expected array, received string",
    ]);
  });
});
