import { instructionsOf } from './dockerfile-instructions.ts';

/** What in a user's own Dockerfile will not do what it says; for people, with file and line. */
export function dockerfileTraps(text: string, file: string): string[] {
  const instructions = instructionsOf(text);
  const isSet = (name: string) => instructions.some(({ keyword, rest }) => (keyword === 'ENV' || keyword === 'RUN') && rest.includes(name));
  return instructions.flatMap(({ line, keyword, rest }) => {
    if (keyword !== 'RUN' || !/\bpoetry install\b/.test(rest)) return [];
    const [, only] = /--only[ =](\S+)/.exec(rest) ?? [];
    const [, group] = /--with[ =](\S+)/.exec(rest) ?? [];
    return [
      ...(only && group ? [`${file}:${line}: Poetry ignores '--with ${group}' beside --only: write '--only ${only},${group}'`] : []),
      ...(isSet('POETRY_VIRTUALENVS_CREATE') || isSet('virtualenvs.create')
        ? []
        : [
            `${file}:${line}: Poetry installs into an environment of its own, which 'python' does not use: set ENV POETRY_VIRTUALENVS_CREATE=false before it`,
          ]),
    ];
  });
}

/** The user that containers of a Dockerfile's last stage run as; undefined for its base image's. */
export function lastUser(text: string): string | undefined {
  let user: string | undefined;
  for (const { keyword, rest } of instructionsOf(text)) {
    if (keyword === 'FROM') user = undefined;
    if (keyword === 'USER') user = rest;
  }
  return user;
}
