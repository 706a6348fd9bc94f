import { pipeline, step } from 'flowyml';
import { z } from 'zod';

const load = step({ name: 'load', outputs: { data: z.array(z.number()) } }, () => Array.from({ length: 5000 }, (_, i) => i));

export default pipeline('my_pipeline', { steps: [load] });
