import { expect, it } from 'vitest';
import { baseImages, instructionsOf } from '../../../stacks/images/dockerfile-instructions.ts';

it('instructions with their lines: continuations, comments between, heredocs', () => {
  const text = '# syntax=docker/dockerfile:1\nFROM a AS b\n\nRUN one && \\\n  # why\n  two\nRUN <<EOF\nFROM not\nEOF\n  copy x y\n';
  expect(instructionsOf(text)).toEqual([
    { line: 2, keyword: 'FROM', rest: 'a AS b' },
    { line: 4, keyword: 'RUN', rest: 'one && two' },
    { line: 7, keyword: 'RUN', rest: '<<EOF' },
    { line: 10, keyword: 'COPY', rest: 'x y' },
  ]);
});

it('the escape character can be another', () => {
  expect(instructionsOf('# escape=`\nFROM a\nRUN dir c:\\\nRUN x `\n y\n').map(({ rest }) => rest)).toEqual(['a', 'dir c:\\', 'x y']);
});

it('images of others: with arguments filled in, without stages, scratch and what cannot be known', () => {
  const text = `ARG BASE_IMAGE=python:3.11-slim
ARG TAG=1
ARG OTHER
FROM --platform=linux/amd64 \${BASE_IMAGE} AS build
ARG TAG=2
FROM "tools:$TAG" as tools
FROM \${OTHER}
FROM scratch
FROM \${UNSET:-fallback/x}
COPY --from=build /a /b
COPY --from=0 /a /b
COPY --from=host/c:1 /a /b
RUN --mount=type=bind,from=host/d,target=/d ls
`;
  expect(baseImages(text)).toEqual(['python:3.11-slim', 'tools:1', 'fallback/x', 'host/c:1', 'host/d']);
  expect(baseImages(text, { BASE_IMAGE: 'a/b', OTHER: 'c/d' })).toEqual(['a/b', 'tools:1', 'c/d', 'fallback/x', 'host/c:1', 'host/d']);
});
