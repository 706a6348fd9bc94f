import { type FlowymlError, ServiceUnavailable, UsageError } from '../../pipelines/errors.ts';

export type StoreAction = 'read' | 'write to' | 'delete from' | 'list';

/** Why a store failed, for a person. */
export interface Failure {
  /** Whether it may pass by itself: a network, a server's fault. Else a person must change something. */
  passing: boolean;
  problem: string;
  /** What to do, with the command where there is one. */
  remedy: string;
}

const failures = new WeakMap<object, Failure>();

/** The error to throw: `ServiceUnavailable` for what may pass, `UsageError` for what a person must change. */
export function failureError(failure: Failure, action: StoreAction, where: string): FlowymlError {
  const message = `cannot ${action} the artifact store in ${where}: ${failure.problem}; ${failure.remedy}`;
  const error = failure.passing ? new ServiceUnavailable(message) : new UsageError(message);
  failures.set(error, failure);
  return error;
}

/** What an error of a store was made from; undefined for others. */
export const failureOf = (error: unknown): Failure | undefined =>
  typeof error === 'object' && error !== null ? failures.get(error) : undefined;

const NETWORK: Record<string, string> = {
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'the name of the host could not be looked up',
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection broke',
  EPIPE: 'the connection broke',
  ETIMEDOUT: 'no answer in time',
  ESOCKETTIMEDOUT: 'no answer in time',
  EHOSTUNREACH: 'no way to the host',
  ENETUNREACH: 'no network',
  CERT_HAS_EXPIRED: "the server's certificate has expired",
  DEPTH_ZERO_SELF_SIGNED_CERT: "the server's certificate is self-signed",
  SELF_SIGNED_CERT_IN_CHAIN: "the server's certificate is self-signed",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "the server's certificate is not trusted",
  ERR_TLS_CERT_ALTNAME_INVALID: "the server's certificate is for another host",
  EPROTO: 'the server does not speak TLS',
};

/** A checksum that the server found to be wrong. */
export const CHANGED_ON_ITS_WAY: Failure = {
  passing: true,
  problem: 'the bytes changed on their way: the checksum is not the one that was sent',
  remedy: 'it is worth another try; where it happens again, something on the way is broken',
};

/** An endpoint that is not reached; undefined for what is no error of the network. */
export function networkFailure(error: unknown, endpoint: string): Failure | undefined {
  for (const each of withCauses(error)) {
    const code = typeof each.code === 'string' ? each.code : '';
    const what =
      NETWORK[code] ?? (/timed? ?out|aborted|hang up|premature close/i.test(messageOf(each)) ? 'the connection broke' : undefined);
    if (!what) continue;
    const shown = NETWORK[code] ? `${what} (${code})` : what;
    return {
      passing: true,
      problem: `${endpoint} cannot be reached: ${shown}`,
      remedy: "check the network, and the store's `endpoint` in flowyml.yaml",
    };
  }
  return undefined;
}

/** What is not known better: with the first line of what the client says, cut of what could be a secret. */
export function otherFailure(error: unknown, status: number | undefined): Failure {
  const passing = status === undefined || status === 408 || status === 429 || status >= 500;
  return {
    passing,
    problem: `${status === undefined ? '' : `HTTP ${status}: `}${firstLine(error)}`,
    remedy: passing ? 'it is worth another try' : 'see what `flowyml stack validate` says of this stack',
  };
}

/** A client's own words, in one line. Keys, signatures and tokens in them are blacked out. */
export function firstLine(error: unknown): string {
  const line = messageOf(error).trim().split('\n', 1)[0] ?? '';
  return (
    line
      .replace(
        /\b(sig|signature|accountkey|sharedaccesssignature|token|secret|password|credential)\b(["']?\s*[=:]\s*["']?)[^\s&;,"']+/gi,
        '$1$2…',
      )
      .slice(0, 300) || 'no message'
  );
}

/** The error and its causes; of an error made of several, those too, and what an answer holds. */
export function* withCauses(error: unknown): Generator<Record<string, unknown>> {
  const next: unknown[] = [error];
  for (let i = 0; i < next.length && i < 20; i++) {
    const each = next[i];
    if (typeof each !== 'object' || each === null) continue;
    yield each as Record<string, unknown>;
    const { cause, error: inner, errors } = each as { cause?: unknown; error?: unknown; errors?: unknown };
    next.push(cause, inner, ...(Array.isArray(errors) ? errors : []));
  }
}

const messageOf = (error: unknown): string => {
  const message = (error as { message?: unknown } | null)?.message;
  return typeof message === 'string' ? message : String(error);
};
