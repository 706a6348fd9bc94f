import { fileURLToPath } from 'node:url';
import { asyncBufferFromFile, type ColumnData, parquetMetadataAsync, parquetRead } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { airportNumber } from './airports.ts';

/** A flight, as the steps pass it on: numbers only, so that three million take 36 MB. */
export type Flight = {
  /** When it left the gate (not when it should have), in minutes since 1970, local time. */
  minute: number;
  /** By how many minutes it arrived late; negative: early. */
  delay: number;
  /** In miles. */
  distance: number;
  /** As `airportNumber()` gives it. */
  origin: number;
  destination: number;
};

/** Flights by column. */
export type FlightColumns = {
  minute: Int32Array;
  delay: Int16Array;
  distance: Uint16Array;
  origin: Uint16Array;
  destination: Uint16Array;
};

export const ALL_FLIGHTS = 3_000_000;

const MICROSECONDS_PER_MINUTE = 60_000_000n;

// Values become numbers as they are decoded: a Date and two strings a row would cost ten times the memory.
const parsers = {
  timestampFromMicroseconds: (micros: bigint) => Number(micros / MICROSECONDS_PER_MINUTE),
  stringFromBytes: (code: Uint8Array) => airportNumber(code),
};

/** Nobody arrives three hours early: what says so (three flights, one of them 1,116 minutes early) is an error of recording. */
const EARLIEST_DELAY = -180;

/** US domestic flights of January to June 2001, from the npm package vega-datasets. */
export const flightsFile = () => fileURLToPath(new URL('../data/flights-3m.parquet', import.meta.resolve('vega-datasets')));

/** The first `rows` flights in order of departure, one of the file's eleven row groups at a time. */
export async function* readFlights(rows: number = ALL_FLIGHTS, path: string = flightsFile()): AsyncGenerator<FlightColumns> {
  const file = await asyncBufferFromFile(path);
  const metadata = await parquetMetadataAsync(file);
  let start = 0;
  for (const group of metadata.row_groups) {
    const end = Math.min(start + Number(group.num_rows), rows);
    if (end <= start) return;
    const columns = emptyColumns(end - start);
    const rowStart = start;
    const onChunk = (chunk: ColumnData) => copyChunk(chunk, columns, rowStart);
    await parquetRead({ file, metadata, compressors, parsers, rowStart, rowEnd: end, onChunk });
    yield columns;
    start = end;
  }
}

/** The flights without errors of recording. */
export function plausible(flights: FlightColumns): FlightColumns {
  const keep = (_: number, row: number) => (flights.delay[row] as number) >= EARLIEST_DELAY;
  if (flights.delay.every(keep)) return flights;
  return {
    minute: flights.minute.filter(keep),
    delay: flights.delay.filter(keep),
    distance: flights.distance.filter(keep),
    origin: flights.origin.filter(keep),
    destination: flights.destination.filter(keep),
  };
}

function emptyColumns(rows: number): FlightColumns {
  return {
    minute: new Int32Array(rows),
    delay: new Int16Array(rows),
    distance: new Uint16Array(rows),
    origin: new Uint16Array(rows),
    destination: new Uint16Array(rows),
  };
}

const TARGETS: Record<string, keyof FlightColumns> = {
  date: 'minute',
  delay: 'delay',
  distance: 'distance',
  origin: 'origin',
  destination: 'destination',
};

/** Copies a chunk of one column to where its rows belong. Chunks may reach beyond the rows that were asked for. */
function copyChunk(chunk: ColumnData, columns: FlightColumns, firstRow: number): void {
  const name = TARGETS[chunk.columnName];
  if (!name) return;
  const target = columns[name];
  const offset = chunk.rowStart - firstRow;
  const count = Math.min(chunk.columnData.length, target.length - offset);
  for (let i = 0; i < count; i++) target[offset + i] = Number(chunk.columnData[i]);
}
