import { expect, it } from 'vitest';
import { parseModuleArgument } from '../../loader/module-argument.ts';

it.each([
  ['a/b.ts', { path: 'a/b.ts' }],
  ['a/b.ts#nightly-2', { path: 'a/b.ts', name: 'nightly-2' }],
  ['a#1/b.ts', { path: 'a#1/b.ts' }],
  ['a#1/b.ts#$x', { path: 'a#1/b.ts', name: '$x' }],
  ['a/b.ts#', { path: 'a/b.ts#' }],
])('%s', (argument, parsed) => {
  expect(parseModuleArgument(argument)).toEqual(parsed);
});
