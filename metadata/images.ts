import { and, eq, inArray, sql } from 'drizzle-orm';
import type { Database } from './database.ts';
import { images } from './schema.ts';

export type ImageRow = typeof images.$inferSelect;

/** Keeps which image an environment has now. */
export async function keepImage(db: Database, image: Omit<ImageRow, 'madeAt'>): Promise<void> {
  const { project, recipe, ...facts } = image;
  await db.orm
    .insert(images)
    .values(image)
    .onConflictDoUpdate({ target: [images.project, images.recipe], set: { ...facts, madeAt: sql`now()` } });
}

/** The images of a project's environments, by recipe. */
export async function findImages(db: Database, project: string, recipes: readonly string[]): Promise<Map<string, ImageRow>> {
  if (!recipes.length) return new Map();
  const rows = await db.orm
    .select()
    .from(images)
    .where(and(eq(images.project, project), inArray(images.recipe, [...recipes])));
  return new Map(rows.map((row) => [row.recipe, row]));
}
