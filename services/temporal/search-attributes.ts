import type { Connection } from '@temporalio/client';
import { ServiceUnavailable, UsageError } from '../../pipelines/errors.ts';
import { reasonOf } from '../reason.ts';
import { SEARCH_ATTRIBUTE_TYPES } from './arguments.ts';

const GRPC_ALREADY_EXISTS = 6;
type ConnectionLike = Pick<Connection, 'operatorService'>;

/** Of Temporal's API (`IndexedValueType`). */
const TYPE_NUMBERS = { Keyword: 2, KeywordList: 7 };

/**
 * Registers the search attributes of runs on a server that is not ours, and gives the names of those that were new.
 * @throws UsageError for one that is there with another type
 * @throws ServiceUnavailable where the server does not let us; its message says what to ask for
 */
export async function registerSearchAttributes(connection: ConnectionLike, namespace: string): Promise<string[]> {
  try {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    const missing: string[] = [];
    for (const [name, type] of Object.entries(SEARCH_ATTRIBUTE_TYPES)) {
      const there = customAttributes[name];
      if (there === undefined) missing.push(name);
      else if (there !== TYPE_NUMBERS[type]) throw new UsageError(wrongType(name, type, namespace));
    }
    const searchAttributes = Object.fromEntries(missing.map((name) => [name, TYPE_NUMBERS[SEARCH_ATTRIBUTE_TYPES[name] ?? 'Keyword']]));
    if (missing.length > 0) await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
    return missing;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    if (error instanceof Error && 'code' in error && error.code === GRPC_ALREADY_EXISTS) return []; // another process was faster
    throw new ServiceUnavailable(
      `Cannot register flowyml's search attributes in namespace ${namespace} (${reasonOf(error)}). ` +
        `Ask who runs the server to add ${Object.entries(SEARCH_ATTRIBUTE_TYPES)
          .map(([name, type]) => `${name}=${type}`)
          .join(', ')}.`,
      { cause: error },
    );
  }
}

const wrongType = (name: string, type: string, namespace: string): string =>
  `Search attribute ${name} exists in namespace ${namespace} with another type than ${type}: remove it there, or use another namespace.`;
