import { UsageError } from './errors.ts';
import { hint } from './names.ts';

/** One field of a calendar: a number, a field as cron writes it (`'1-5'`, `'9-17/2'`, `'MON,FRI'`), or several of either. */
export type CalendarField = number | string | readonly (number | string)[];

/** Times of a calendar. All fields must fit. */
export interface CalendarOptions {
  /** 0 to 59; 0 unless given. */
  second?: CalendarField;
  /** 0 to 59; 0 unless given. */
  minute?: CalendarField;
  /** 0 to 23; 0 unless given. */
  hour?: CalendarField;
  /** 1 to 31; every day unless given. */
  dayOfMonth?: CalendarField;
  /** 1 to 12, or `'JAN'` to `'DEC'`; every month unless given. */
  month?: CalendarField;
  /** 0 to 6 from Sunday on (7 is Sunday too), or `'SUN'` to `'SAT'`; every day unless given. */
  dayOfWeek?: CalendarField;
  /** 2000 to 2100; every year unless given. */
  year?: CalendarField;
}

export type CalendarFieldName = keyof CalendarOptions;

/** The values that fit, in order; no years: every year. */
export type Calendar = Record<CalendarFieldName, number[]>;

interface FieldSpec {
  least: number;
  most: number;
  /** What holds where the field is not given. */
  otherwise: '0' | '*';
  /** Names of values, from `least` on. */
  names?: readonly string[];
}

const MONTHS = 'JANUARY FEBRUARY MARCH APRIL MAY JUNE JULY AUGUST SEPTEMBER OCTOBER NOVEMBER DECEMBER'.split(' ');
const DAYS = 'SUNDAY MONDAY TUESDAY WEDNESDAY THURSDAY FRIDAY SATURDAY'.split(' ');

export const CALENDAR_FIELDS: Readonly<Record<CalendarFieldName, FieldSpec>> = {
  second: { least: 0, most: 59, otherwise: '0' },
  minute: { least: 0, most: 59, otherwise: '0' },
  hour: { least: 0, most: 23, otherwise: '0' },
  dayOfMonth: { least: 1, most: 31, otherwise: '*' },
  month: { least: 1, most: 12, otherwise: '*', names: MONTHS },
  dayOfWeek: { least: 0, most: 6, otherwise: '*', names: DAYS },
  year: { least: 2000, most: 2100, otherwise: '*' },
};

const NAMES = Object.keys(CALENDAR_FIELDS) as CalendarFieldName[];

/**
 * The values of a calendar's fields.
 * @param where begins the message
 * @throws UsageError for an unknown field or a value that is none of its field's
 */
export function parseCalendar(options: CalendarOptions, where: string): Calendar {
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw new UsageError(`${where}: expected an object such as { hour: 6, dayOfWeek: 'MON-FRI' }`);
  for (const key of Object.keys(options))
    if (!NAMES.includes(key as CalendarFieldName)) throw new UsageError(`${where}: unknown field '${key}'${hint(key, NAMES)}`);
  const parsed = NAMES.map((name) => [name, parseField(name, options[name] ?? CALENDAR_FIELDS[name].otherwise, where)]);
  return Object.fromEntries(parsed) as Calendar;
}

function parseField(name: CalendarFieldName, given: CalendarField, where: string): number[] {
  const spec = CALENDAR_FIELDS[name];
  const parts = (Array.isArray(given) ? given : [given]).flatMap((part: unknown) => String(part).split(','));
  const values = new Set<number>();
  for (const part of parts) for (const value of parsePart(spec, part.trim(), `${where}: ${name}`)) values.add(value);
  if (!values.size) throw new UsageError(`${where}: ${name}: no value is given`);
  const all = values.size === spec.most - spec.least + 1;
  return name === 'year' && all ? [] : [...values].sort((a, b) => a - b);
}

function parsePart(spec: FieldSpec, text: string, where: string): number[] {
  const match = /^(\*|[^-/]+)(?:-([^-/]+))?(?:\/(\d+))?$/.exec(text);
  const [, from = '', to, every] = match ?? [];
  const wrong = (why: string) => new UsageError(`${where}: '${text}' ${why}`);
  if (!match || (from === '*' && to !== undefined)) throw wrong("is not understood: expected '*', a value, 'a-b', 'a,b' or '*/n'");
  const step = every === undefined ? 1 : Number(every);
  if (step < 1) throw wrong('has a step of 0');
  const first = from === '*' ? spec.least : readValue(spec, from);
  // From Friday to Sunday.
  const end = spec.names === DAYS && first && to !== undefined && readValue(spec, to) === 0 ? '7' : to;
  const last = end !== undefined ? readValue(spec, end) : from === '*' || every !== undefined ? spec.most : first;
  if (first === undefined || last === undefined) {
    const names = spec.names ? `, or ${spec.names[0]?.slice(0, 3)} to ${spec.names.at(-1)?.slice(0, 3)}` : '';
    throw wrong(`is out of range: ${spec.least} to ${spec.most}${names}`);
  }
  if (last < first) throw wrong('ends before it begins');
  const values: number[] = [];
  for (let value = first; value <= last; value += step) values.push(spec.names === DAYS ? value % 7 : value);
  return values;
}

function readValue(spec: FieldSpec, text: string): number | undefined {
  const name = text.toUpperCase();
  const index = spec.names?.findIndex((full) => full === name || full.slice(0, 3) === name) ?? -1;
  if (index >= 0) return spec.least + index;
  const value = /^\d+$/.test(text) ? Number(text) : -1;
  return value >= spec.least && value <= (spec.names === DAYS ? 7 : spec.most) ? value : undefined;
}

/** A calendar as cron writes it: five fields, or seven where seconds or years are chosen. Equal calendars give equal text. */
export function formatCalendar(calendar: Calendar): string {
  const field = (name: CalendarFieldName) => formatField(CALENDAR_FIELDS[name], calendar[name]);
  const five = [field('minute'), field('hour'), field('dayOfMonth'), field('month'), field('dayOfWeek')];
  const plain = calendar.year.length === 0 && calendar.second.length === 1 && calendar.second[0] === 0;
  return (plain ? five : [field('second'), ...five, field('year')]).join(' ');
}

function formatField({ least, most }: FieldSpec, values: readonly number[]): string {
  if (!values.length || values.length === most - least + 1) return '*';
  const [first = 0, second = first] = values;
  const step = second - first;
  const even = values.length > 2 && values.every((value, i) => value === first + i * step);
  if (even && step > 1 && first === least && (values.at(-1) ?? most) + step > most) return `*/${step}`;
  return ranges(values)
    .map(([from, to]) => (to === from ? `${from}` : to === from + 1 ? `${from},${to}` : `${from}-${to}`))
    .join(',');
}

/** Values that follow each other, as ranges. */
export function ranges(values: readonly number[]): [from: number, to: number][] {
  const found: [number, number][] = [];
  for (const value of values) {
    const open = found.at(-1);
    if (open && open[1] === value - 1) open[1] = value;
    else found.push([value, value]);
  }
  return found;
}
