import { SEARCH_ATTRIBUTES } from '../../pipelines/run-request.ts';

/** The types of the search attributes that runs carry. */
export const SEARCH_ATTRIBUTE_TYPES: Readonly<Record<string, 'Keyword' | 'KeywordList'>> = {
  [SEARCH_ATTRIBUTES.project]: 'Keyword',
  [SEARCH_ATTRIBUTES.stack]: 'Keyword',
  [SEARCH_ATTRIBUTES.status]: 'Keyword',
  [SEARCH_ATTRIBUTES.failedStep]: 'Keyword',
  [SEARCH_ATTRIBUTES.tags]: 'KeywordList',
};

/** Values are JSON. */
const DYNAMIC_CONFIG = {
  // Each step of a chain takes one poll of this queue; at the default of 20 a second a step takes 50 ms, not 7.
  'history.transferProcessorMaxPollRPS': 2000,
  // A workflow task lost with its worker or server is waited for this long (default 10 s).
  'history.defaultWorkflowTaskTimeout': '2s',
  // From its fourth attempt on, a workflow task that fails (no worker knows the pipeline yet) is waited for longer
  // each time, by default up to 10 minutes more: the run should go on soon after the right worker has come.
  'history.workflowTaskRetryMaxInterval': '2s',
  // At the defaults (1 s and 20) a timer or retry delay of 10 ms takes a second, with these 30 ms. The shift allows for
  // clocks that differ between hosts; here there is one.
  'history.timerProcessorMaxTimeShift': '10ms',
  'history.timerProcessorMaxPollRPS': 200,
};

/**
 * Of the usual four partitions of a queue each keeps its own order and its share of a rate limit. On one machine they gain
 * nothing. Not for a database that had four: tasks that wait in the others would never be read.
 */
const ONE_PARTITION = { 'matching.numTaskqueueReadPartitions': 1, 'matching.numTaskqueueWritePartitions': 1 };

/** WAL with NORMAL: the default writes 15 times slower. A killed server loses nothing by it. */
const SQLITE = ['journal_mode=WAL', 'synchronous=NORMAL'];

/** By these words in its command line a running server is known to be that of `db`. */
export const marker = (db: string): string[] => ['server start-dev', `--db-filename ${db}`];

/** The arguments that start a server on `db`. */
export function serverArguments(db: string, port: number, uiPort: number, onePartition: boolean): string[] {
  const configuration = { ...DYNAMIC_CONFIG, ...(onePartition ? ONE_PARTITION : {}) };
  return [
    ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--ui-port', String(uiPort), '--db-filename', db],
    ...SQLITE.flatMap((pragma) => ['--sqlite-pragma', pragma]),
    ...Object.entries(configuration).flatMap(([key, value]) => ['--dynamic-config-value', `${key}=${JSON.stringify(value)}`]),
    ...Object.entries(SEARCH_ATTRIBUTE_TYPES).flatMap(([name, type]) => ['--search-attribute', `${name}=${type}`]),
  ];
}

/** The ports in the command line of a running server. */
export function portsIn(commandLine: string): { port: number; uiPort: number } | undefined {
  const port = / --port (\d+)/.exec(commandLine)?.[1];
  const uiPort = / --ui-port (\d+)/.exec(commandLine)?.[1];
  return port && uiPort ? { port: Number(port), uiPort: Number(uiPort) } : undefined;
}
