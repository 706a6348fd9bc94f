import type { JsonValue } from '../pipelines/json.ts';
import type { RunRequest } from '../pipelines/run-request.ts';

// Temporal keeps a memo with each run that it lists: a short text for people, not a place for data.
const VALUE_LENGTH = 256;
const PARAMS = 50;

// Whole words at the end of a name, so that `max_tokens` and `tokenizer` are shown.
const SECRET = /(?:^|[_-]|(?<=[a-z]))(?:passw(?:or)?d|passphrase|secret|token|credentials?|(?:api|access|private|secret)[_-]?key)$/i;

/**
 * What a run's memo says in Temporal Web: the params that it was given, those left out whose names tell of a secret. Such
 * a value stands in the workflow's input all the same: docs/temporal.md says how a step comes to a secret.
 */
export function runMemo(request: RunRequest, version?: string): Record<string, unknown> {
  const params = Object.entries(request.params ?? {});
  const shown = params.slice(0, PARAMS).map(([name, value]) => [name, shownValue(name, value)]);
  if (params.length > PARAMS) shown.push(['…', `${params.length - PARAMS} more: see the input`]);
  return {
    params: Object.fromEntries(shown),
    ...(version ? { version } : {}),
    ...(request.codeHash ? { codeHash: request.codeHash.slice(0, 12) } : {}),
    ...(request.resumeFrom ? { resumeFrom: request.resumeFrom } : {}),
  };
}

function shownValue(name: string, value: JsonValue): JsonValue {
  if (SECRET.test(name)) return '(not shown)';
  const text = JSON.stringify(value);
  return text.length <= VALUE_LENGTH ? value : `${text.slice(0, VALUE_LENGTH)}… (${text.length} characters: see the input)`;
}
