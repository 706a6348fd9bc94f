// A process of its own that ensures the services of the folder in its argument, and prints them.
import { register } from 'node:module';

register('./ts-hook.mjs', import.meta.url);
const { ensureServices } = await import('../../services/index.ts');
console.log(JSON.stringify(await ensureServices({ root: process.argv[2], project: 'test' })));
