import { pipeline, step } from 'flowyml';

const only = step({ name: 'only' }, () => 'done');

/** No options at all. */
export const bare = pipeline('bare', { steps: [only] });
/** What is on unless said otherwise, off. */
export const opted_out = pipeline('opted_out', { steps: [only], cache: false, experimentTracking: false });
export const elsewhere = pipeline('elsewhere', { steps: [only], stack: 'production', executor: 'spaceship' });

// @ts-expect-error: the name is the one option that has no default
export const nameless = () => pipeline();
