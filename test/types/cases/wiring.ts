import { pipeline, step } from 'flowyml';
import { z } from 'zod';

const load = step({ name: 'load_data', outputs: { data: z.array(z.number()) } }, () => [1, 2, 3]);
const split = step(
  { name: 'split', inputs: { data: z.array(z.number()) }, outputs: { train: z.number(), test: z.string() } },
  ({ data }) => ({ train: data.length, test: String(data.length) }),
);
const count = step({ name: 'count', inputs: { data: z.array(z.number()) } }, ({ data }) => data.length);

// In any order, with steps that give nothing, and with one step in several pipelines.
export const forwards = pipeline('right', { steps: [load, split, count] });
export const backwards = pipeline('right', { steps: [count, split, load] });
export const gated = pipeline('right', { steps: [step({ name: 'last', after: [load, 'split'] }, () => {}), load, split] });

const unknown = step({ name: 'lost', inputs: { dta: z.array(z.number()) } }, () => {});
// error: step 'lost': no step produces input 'dta'
export const noProducer = pipeline('wrong', { steps: [load, unknown] });
// error: step 'lost': no step produces input 'dta'
export const besideAStepWithoutOutputsThatReturns = pipeline('wrong', { steps: [load, count, unknown] });
// error: step 'lost': no step produces input 'dta'
export const alone = pipeline('wrong', { steps: [unknown] });

const text = step({ name: 'shout', inputs: { data: z.string() } }, ({ data }) => data.toUpperCase());
// error: step 'shout': input 'data' has another type than the step that produces it
export const otherType = pipeline('wrong', { steps: [load, text] });
// error: step 'shout': input 'data' has another type than the step that produces it
export const otherTypeFirst = pipeline('wrong', { steps: [text, load] });

// Each step at fault has its own error, at its own place.
export const several = pipeline('wrong', {
  steps: [
    // error: step 'shout': input 'data' has another type
    text,
    load,
    // error: step 'lost': no step produces input 'dta'
    unknown,
    count,
  ],
});

const swapped = step({ name: 'swapped', inputs: { train: z.string(), test: z.string() } }, () => {});
// error: step 'swapped': input 'train' has another type than the step that produces it
export const oneOfTwo = pipeline('wrong', { steps: [load, split, swapped] });

// A consumer may ask for less than is produced, never for more.
const full = step({ name: 'full', outputs: { person: z.object({ name: z.string(), age: z.number() }) } }, () => ({ name: 'Ada', age: 36 }));
const less = step({ name: 'less', inputs: { person: z.object({ name: z.string() }) } }, ({ person }) => person.name);
const loose = step({ name: 'loose', inputs: { person: z.unknown() } }, () => {});
const more = step({ name: 'more', inputs: { person: z.object({ name: z.string(), email: z.string() }) } }, () => {});
export const fewer = pipeline('right', { steps: [full, less, loose] });
// error: step 'more': input 'person' has another type
export const greater = pipeline('wrong', { steps: [full, more] });

const maybe = step({ name: 'maybe', outputs: { person: z.object({ name: z.string() }).nullable() } }, () => null);
// error: step 'less': input 'person' has another type
export const nullable = pipeline('wrong', { steps: [maybe, less] });

// Producer and consumer agree on the stored form: a codec's text.
const isoDate = z.codec(z.iso.datetime(), z.date(), { decode: (s) => new Date(s), encode: (d) => d.toISOString() });
const now = step({ name: 'now', outputs: { when: isoDate } }, () => new Date());
const asDate = step({ name: 'as_date', inputs: { when: isoDate } }, ({ when }) => when.getTime());
const asText = step({ name: 'as_text', inputs: { when: z.string() } }, ({ when }) => when.length);
const asRawDate = step({ name: 'as_raw_date', inputs: { when: z.date() } }, ({ when }) => when.getTime());
export const decoded = pipeline('right', { steps: [now, asDate, asText] });
// error: step 'as_raw_date': input 'when' has another type
export const undecoded = pipeline('wrong', { steps: [now, asRawDate] });
