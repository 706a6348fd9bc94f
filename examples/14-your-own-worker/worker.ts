import { fileURLToPath } from 'node:url';
import { NativeConnection, Worker } from '@temporalio/worker';
import { flowymlPlugin } from 'flowyml/worker';
import * as activities from './activities.ts';

// A Temporal worker as the shop had it before; the plugin is all that is new.

const connection = await NativeConnection.connect({ address: process.env.TEMPORAL_ADDRESS ?? 'localhost:7233' });
const worker = await Worker.create({
  connection,
  taskQueue: process.env.FLOWYML_PROJECT ?? 'flowyml', // the project's name
  workflowsPath: fileURLToPath(new URL('./workflows.ts', import.meta.url)),
  activities,
  plugins: [flowymlPlugin({ pipelines: [new URL('./pipelines/price-model.ts', import.meta.url)] })],
});
console.log('serves reprice and price_model');
await worker.run(); // until SIGTERM or SIGINT
await connection.close();
