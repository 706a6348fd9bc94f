import { type Calendar, parseCalendar } from './calendar.ts';
import { UsageError } from './errors.ts';
import { hint } from './names.ts';

const SHORTHANDS: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

/**
 * The calendar that a cron expression means: minute, hour, day of the month, month, day of the week; with seven fields the
 * second before and the year behind them. Unlike in crontab both days must fit where both are given, as with Temporal.
 * @throws UsageError saying which field is wrong
 */
export function parseCron(expression: string, where: string): Calendar {
  if (typeof expression !== 'string') throw new UsageError(`${where}: expected a string such as '0 6 * * 1-5'`);
  const text = expression.trim();
  const at = `${where} '${text}'`;
  if (/^(?:CRON_)?TZ=/.test(text)) throw new UsageError(`${at}: give the time zone as 'timezone'`);
  if (text.startsWith('@every')) throw new UsageError(`${at}: give it as 'interval'`);
  const known = Object.hasOwn(SHORTHANDS, text) ? SHORTHANDS[text] : undefined;
  if (text.startsWith('@') && known === undefined)
    throw new UsageError(`${at}: there is no such shorthand${hint(text, Object.keys(SHORTHANDS))}`);
  const fields = (known ?? text).split(/\s+/);
  // Six are refused: other tools read the first as seconds, Temporal the last as years.
  if (fields.length !== 5 && fields.length !== 7) {
    throw new UsageError(
      `${at} has ${fields.length} field${fields.length === 1 ? '' : 's'}: expected 5 (minute, hour, day of month, month, day of week), or 7 with seconds first and years last`,
    );
  }
  const [second, minute, hour, dayOfMonth, month, dayOfWeek, year] = (fields.length === 5 ? ['0', ...fields, '*'] : fields) as string[];
  return parseCalendar({ second, minute, hour, dayOfMonth, month, dayOfWeek, year } as Record<string, string>, at);
}
