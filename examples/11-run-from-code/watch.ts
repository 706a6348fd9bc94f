import { createClient } from 'flowyml/client';

// Starts a run by its pipeline's name and follows it. The services and a worker must run already; this process is neither.

const client = await createClient();
const run = await client.start('churn_model', { params: { learning_rate: 0.02, epochs: 200 }, tags: ['from-code'] });
console.log(`started ${run.runId}`);

const result = await run.result(); // a run that fails has a result too
for (const [name, step] of Object.entries(result.steps)) console.log(`${name}: ${step.status}`);
console.log(`log loss: ${result.steps.evaluate?.outputs.log_loss?.value}`);

const newest = await client.list({ pipeline: 'churn_model', limit: 5 });
console.log(`${newest.length} newest runs: ${newest.map(({ runId, status }) => `${runId} ${status}`).join(', ')}`);
await client.close();
