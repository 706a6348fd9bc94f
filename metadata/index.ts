export * from './artifacts.ts';
export * from './attempts.ts';
export { type Database, databaseError, isDatabaseAway, migrateDatabase, openDatabase } from './database.ts';
export * from './keys.ts';
export * from './logs.ts';
export * from './runs.ts';
export type { AttemptStatus, LogStream } from './schema.ts';
export * from './steps.ts';
export * from './workers.ts';
