import { run } from 'flowyml';
import { archiving, tallying } from './002-23.ts';

const failed = await run(tallying, { params: { word: '' } });
const mended = await run(tallying, { params: { word: 'late' }, resumeFrom: failed.runId });
const other = await run(tallying, { params: { word: 'on time' } });
const lost = await run(archiving, { params: { lost: true } });
const kept = await run(archiving, { params: { lost: false } });
console.log(JSON.stringify({ failed, mended, other, lost, kept }));
