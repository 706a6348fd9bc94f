/** One instruction of a Dockerfile. */
export interface Instruction {
  /** From 1. */
  line: number;
  /** In capitals. */
  keyword: string;
  /** Lines joined, single blanks. */
  rest: string;
}

const HEREDOC = /<<-?["']?([A-Za-z_][A-Za-z0-9_]*)["']?/g;

/** A Dockerfile's instructions with their lines. Comments, continuations, heredocs and the escape directive as Docker reads them. */
export function instructionsOf(text: string): Instruction[] {
  const lines = text.split(/\r?\n/);
  const continued = /^#\s*escape\s*=\s*`/im.test(lines.slice(0, 3).join('\n')) ? '`' : '\\';
  const found: Instruction[] = [];
  for (let i = 0; i < lines.length; i++) {
    if (isSkipped(lines[i])) continue;
    const line = i + 1;
    let whole = '';
    for (; i < lines.length; i++) {
      const part = lines[i] ?? '';
      if (whole && isSkipped(part)) continue;
      const trimmed = part.trimEnd();
      whole += trimmed.endsWith(continued) ? `${trimmed.slice(0, -1)} ` : trimmed;
      if (!trimmed.endsWith(continued)) break;
    }
    const [, keyword = '', rest = ''] = /^\s*(\S+)\s*(.*)$/s.exec(whole) ?? [];
    if (/^(?:RUN|COPY|ADD)$/i.test(keyword)) {
      for (const [, end = ''] of rest.matchAll(HEREDOC)) while (i + 1 < lines.length && lines[++i]?.trim() !== end);
    }
    found.push({ line, keyword: keyword.toUpperCase(), rest: rest.replace(/\s+/g, ' ').trim() });
  }
  return found;
}

const isSkipped = (line = '') => /^\s*(?:#.*)?$/.test(line);

/** The images of others that a Dockerfile names, build arguments filled in; those that cannot be known are left out. */
export function baseImages(text: string, buildArgs: Readonly<Record<string, string>> = {}): string[] {
  const values = new Map<string, string>();
  const stages = new Set<string>();
  const images = new Set<string>();
  let begun = false;
  const add = (name: string) => {
    const image = filled(name, values);
    if (image && !image.includes('$') && image !== 'scratch' && !stages.has(image.toLowerCase()) && !/^\d+$/.test(image)) images.add(image);
  };
  for (const { keyword, rest } of instructionsOf(text)) {
    // Only those before the first FROM may stand in a FROM.
    if (keyword === 'ARG' && !begun) {
      for (const [, name = '', value] of rest.matchAll(/([A-Za-z_]\w*)(?:=("[^"]*"|\S*))?/g)) {
        const known = Object.hasOwn(buildArgs, name) ? buildArgs[name] : value?.replace(/^"|"$/g, '');
        if (known !== undefined) values.set(name, known);
      }
    }
    if (keyword === 'FROM') {
      begun = true;
      const [, image = '', stage] = /^(?:--platform=\S+ )?(\S+)(?: AS (\S+))?/i.exec(rest) ?? [];
      add(image);
      if (stage) stages.add(stage.toLowerCase());
    }
    if (keyword === 'COPY' || keyword === 'RUN') for (const [, from = ''] of rest.matchAll(/(?:--|,)from=([^\s,]+)/g)) add(from);
  }
  return [...images];
}

const filled = (text: string, values: ReadonlyMap<string, string>) =>
  text
    .replace(/^"|"$/g, '')
    .replace(/\$\{(\w+)(?::?-([^}]*))?\}|\$(\w+)/g, (whole, braced, fallback, bare) => values.get(braced ?? bare) ?? fallback ?? whole);
