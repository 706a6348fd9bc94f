import { readFileSync } from 'node:fs';
import { makeProject } from '../support/project.ts';
import { Plant, type PlantOptions } from './plant.ts';

/** A plant on the services that all tests share: for tests that end none of them. `close()` removes its database too. */
export async function sharedPlant(options: PlantOptions): Promise<Plant> {
  const project = await makeProject();
  const { TEMPORAL_ADDRESS, FLOWYML_DATABASE_URL } = project.env;
  const plant = new Plant({ ...options, services: { TEMPORAL_ADDRESS, FLOWYML_DATABASE_URL }, onClose: () => project.remove() });
  await plant.ensure();
  return plant;
}

/** The lines that a plant's steps said. */
export function said(plant: Plant, about: string): string[] {
  try {
    return readFileSync(plant.ledger, 'utf8')
      .split('\n')
      .filter((line) => `${line} `.startsWith(`${about} `));
  } catch {
    return [];
  }
}
