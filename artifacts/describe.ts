/** Where a value stands inside another: keys of objects, indexes of arrays. */
export type Path = readonly PropertyKey[];

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;
const PREVIEW_LENGTH = 120;

/** `items[3].name`, `["a key"]`. */
export function pathText(path: Path): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    const name = String(key);
    if (!IDENTIFIER.test(name)) return `${text}[${JSON.stringify(name)}]`;
    return text ? `${text}.${name}` : name;
  }, '');
}

/** The text, cut to `length` characters. */
export const shorten = (text: string, length = PREVIEW_LENGTH): string => (text.length > length ? `${text.slice(0, length - 1)}…` : text);

/** What a value is, in a few words for an error message: `string "abc"`, `array of 3`, `instance of Model`. */
export function describeValue(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return `string ${shorten(JSON.stringify(value), 60)}`;
    case 'number':
      return Number.isFinite(value) ? `number ${value}` : String(value);
    case 'bigint':
      return `bigint ${shorten(String(value), 30)}n`;
    case 'boolean':
      return `boolean ${value}`;
    case 'object':
      return value === null ? 'null' : describeObject(value);
    case 'undefined':
      return 'undefined';
    default:
      return `a ${typeof value}`;
  }
}

function describeObject(value: object): string {
  if (Array.isArray(value)) return `array of ${value.length}`;
  const name: unknown = value.constructor?.name;
  if (name && name !== 'Object') return `instance of ${String(name)}`;
  const keys = Object.keys(value);
  return keys.length ? `object with ${shorten(keys.join(', '), 60)}` : 'empty object';
}

/** `1,234,567`. */
export const formatCount = (count: number): string => count.toLocaleString('en-US');

/** `12 bytes`, `3.4 kB`, `1.07 GB`: powers of 1,000. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return bytes === 1 ? '1 byte' : `${bytes} bytes`;
  const units = ['kB', 'MB', 'GB', 'TB', 'PB'];
  let value = bytes;
  let unit = -1;
  // 999.95 would be printed as 1000.
  while (value >= 999.95 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value >= 100 ? value.toFixed(0) : value.toPrecision(3)} ${units[unit]}`;
}
