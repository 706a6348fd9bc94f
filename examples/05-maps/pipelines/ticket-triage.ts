import { mapStep, parallelMap, pipeline, step } from 'flowyml';
import { z } from 'zod';

const ticket = z.object({ id: z.int(), text: z.string() });
const topic = z.enum(['billing', 'login', 'shipping', 'other']);

const TEXTS = [
  'I was charged twice on my invoice',
  'My parcel has not arrived yet',
  'The password reset mail never comes',
  'Please refund the payment for order 7',
  'Do you also sell gift cards?',
];
const WORDS: Record<string, RegExp> = {
  billing: /\b(charged|invoice|refund|payment)\b/,
  login: /\b(password|login|account)\b/,
  shipping: /\b(parcel|delivery|arrived)\b/,
};

export const loadTickets = step(
  {
    name: 'load_tickets',
    params: { count: z.int().min(1).default(2000), unreadable: z.int().min(0).default(3).describe('tickets without a text') },
    outputs: { tickets: z.array(ticket) },
  },
  ({ count, unreadable }) =>
    Array.from({ length: count }, (_, id) => ({ id, text: id >= count - unreadable ? '' : (TEXTS[id % TEXTS.length] ?? '') })),
);

export const classify = mapStep(
  {
    name: 'classify',
    description: 'Finds the topic of each ticket.',
    items: 'tickets',
    item: ticket,
    outputs: { topics: topic },
    batchSize: 200, // a durable task each: a worker that is lost costs at most this much work
    concurrency: 4, // tasks at a time
    retry: { maxAttempts: 2, initialInterval: '50 ms' }, // of each item
    onItemError: 'collect', // an item that failed for good is null; 'fail' ends the step
  },
  ({ item }) => {
    if (!item.text) throw new Error(`ticket ${item.id} has no text`);
    for (const [name, words] of Object.entries(WORDS)) if (words.test(item.text)) return topic.parse(name);
    return 'other';
  },
);

export const count = step(
  {
    name: 'count',
    inputs: { topics: z.array(topic.nullable()) },
    outputs: { counts: z.record(z.string(), z.number()) },
  },
  ({ topics }) => {
    const counts: Record<string, number> = {};
    for (const each of topics) counts[each ?? 'failed'] = (counts[each ?? 'failed'] ?? 0) + 1;
    return counts;
  },
);

/** How many agents a day of that many tickets needs, by simulating it: work that keeps a CPU busy. */
export function agentsNeeded(ticketsPerDay: number): number {
  for (let agents = 1; ; agents++) {
    let open = 0;
    for (let minute = 0; minute < 480; minute++) open = Math.max(0, open + ticketsPerDay / 480 - agents / 12);
    if (open < 5) return agents;
  }
}

export const planStaff = step(
  {
    name: 'plan_staff',
    description: 'For small work that needs no task of its own: calls a function for each of a few values, inside the step.',
    inputs: { counts: z.record(z.string(), z.number()) },
    outputs: { agents: z.record(z.string(), z.number()) },
  },
  async ({ counts }, run) => {
    const topics = Object.keys(counts);
    // In two processes. Without `workers`: in this one, for work that mostly waits.
    const needed = await parallelMap(Object.values(counts), agentsNeeded, { workers: 2, module: import.meta.url, signal: run.signal });
    return Object.fromEntries(topics.map((name, i) => [name, needed[i] ?? 0]));
  },
);

export default pipeline('ticket_triage', {
  description: 'A function over thousands of items, and one over a few.',
  steps: [loadTickets, classify, count, planStaff],
});
