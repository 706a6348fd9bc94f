import { afterAll, expect, it } from 'vitest';
import { type ImageBuild, imageSource } from '../../stacks/images/build-source.ts';
import { makeFolder } from '../stacks/images/support.ts';

// `poetry export -f requirements.txt --with training -o build/requirements.txt`, as Poetry writes it.
const FROZEN = `six==1.17.0 ; python_version >= "3.11" and python_version < "4.0" \\
    --hash=sha256:4721f391ed90541fddacab5acf947aa0d3dc7d27b2e1e8eda2be8970586c3274
`;
const folder = makeFolder({ 'build/requirements.txt': FROZEN, 'pyproject.toml': '', 'poetry.lock': '' });
afterAll(() => folder.remove());

it('the frozen list is what pip installs, in place of what poetry.lock says', () => {
  const { dockerfile } = imageSource(
    { requirementsFile: 'build/requirements.txt', baseImage: 'python:3.11-slim' },
    folder.root,
  ) as ImageBuild;
  expect(dockerfile).toContain('COPY ["build/requirements.txt","./build/requirements.txt"]\nRUN python3 -m pip install -r');
  expect(dockerfile).not.toContain('poetry');
});

it('one that was not exported yet is named', () => {
  expect(() => imageSource({ requirementsFile: 'build/frozen.txt' }, folder.root)).toThrow(
    `docker.requirements_file: there is no ${folder.root}/build/frozen.txt in the build context`,
  );
});
