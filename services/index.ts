export { type Check, doctor } from './doctor.ts';
export { databaseUrl, ensureServices, findServices } from './services.ts';
export { type ServicesStatus, servicesStatus } from './status.ts';
export { type StopOptions, stopServices } from './stop.ts';
export { connectionFailed, connectionOptions, type TemporalTarget } from './temporal/connection.ts';
export { registerSearchAttributes } from './temporal/search-attributes.ts';
export { findTestServer } from './temporal/test-server.ts';
export type { FindOptions, PostgresEndpoint, ServiceOptions, Services, TemporalEndpoint } from './types.ts';
export { type BackgroundWorker, recordBackgroundWorker } from './workers.ts';
