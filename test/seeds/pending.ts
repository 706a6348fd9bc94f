/** What a code block of the seeds still waits for. */
export interface Missing {
  /** What is not there yet. */
  reason: string;
  /** The issue that brings it. */
  issue: 3 | 4 | 5 | 6 | 7 | 'later';
}

/** How many code blocks each seed has. */
export const BLOCKS: Record<string, number> = { '000': 10, '001': 18, '002': 24, '003': 8, '004': 18 };

/** Blocks without a twin. */
export const pending: Record<string, Missing> = {
  '000-05': { reason: 'the fraud-detection example needs Python steps', issue: 'later' },
  '000-07': { reason: 'no Python steps', issue: 'later' },
  '004-06': { reason: 'no Vertex AI executor', issue: 'later' },
  ...both('001-06', '004-08', { reason: 'no ResourceConfig class; its mapping to machines needs Vertex AI', issue: 'later' }),
  ...both('001-15', '004-16', { reason: 'preemptible machines need Vertex AI', issue: 'later' }),
  ...both('001-17', '004-18', { reason: 'no stack per step; the remote part needs Vertex AI', issue: 'later' }),
  '002-24': { reason: 'no Python steps', issue: 'later' },
  '003-02': { reason: 'no Python components', issue: 'later' },
  '003-03': { reason: 'no Python components', issue: 'later' },
  '003-04': { reason: 'no Python components', issue: 'later' },
  '003-05': { reason: 'no Python components', issue: 'later' },
  '003-06': { reason: 'no Python components', issue: 'later' },
  '003-07': { reason: 'no Python components', issue: 'later' },
  '003-08': { reason: 'no template pipelines', issue: 'later' },
};

/** Blocks whose twin shows what there is, and lacks this. */
export const partial: Record<string, Missing> = {
  '000-02': { reason: 'nothing maps L4 on n1-standard-16 to a machine yet, and so refuses it', issue: 'later' },
  '000-10': { reason: 'its runs are not those of 000-07, which needs Python steps', issue: 'later' },
  '002-01': { reason: 'a global that a step changes is seen by later steps in the same step process', issue: 3 },
};

function both(one: string, other: string, missing: Missing): Record<string, Missing> {
  return { [one]: missing, [other]: missing };
}
