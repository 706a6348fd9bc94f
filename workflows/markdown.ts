const LENGTH = 120;

/** A text that users gave, on one line and not too long, so that Markdown and HTML leave it as it is. */
export function code(text: string, length = LENGTH): string {
  const line = text.replace(/\s+/g, ' ').replaceAll('`', "'").trim().slice(0, length);
  return `\`${line || ' '}\``;
}

/** A command to copy. */
export const commands = (lines: string[]) => ['```', ...lines, '```', ''];

/** A word of a command, quoted where a shell needs it. */
export function word(text: string): string {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text;
  return `'${text.replace(/\s+/g, ' ').replaceAll("'", "'\\''")}'`;
}
