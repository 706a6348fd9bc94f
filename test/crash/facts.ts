import { asc } from 'drizzle-orm';
import type { Database } from '../../metadata/index.ts';
import { attempts, runs, steps } from '../../metadata/schema.ts';
import { type Entry, readLedger } from './ledger.ts';
import type { Plant } from './plant.ts';

/** What the tables and the ledger say after all is over. */
export interface Facts {
  runs: (typeof runs.$inferSelect)[];
  steps: (typeof steps.$inferSelect)[];
  attempts: (typeof attempts.$inferSelect)[];
  ledger: Entry[];
}

export async function readFacts(plant: Plant): Promise<Facts> {
  const { orm }: Database = plant.db;
  return {
    runs: await orm.select().from(runs),
    steps: await orm.select().from(steps),
    attempts: await orm.select().from(attempts).orderBy(asc(attempts.attempt)),
    ledger: readLedger(plant.ledger),
  };
}

/** Groups by a key, in order. */
export function by<T>(list: readonly T[], key: (each: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const each of list) {
    const group = groups.get(key(each));
    if (group) group.push(each);
    else groups.set(key(each), [each]);
  }
  return groups;
}

/** The process of a worker, from the name that it has in attempts. */
export const workerPid = (name: string): number => Number(name.split(':')[1]);
