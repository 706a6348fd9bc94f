import { type ArtifactType, isArtifactType } from './artifact-types.ts';
import { UsageError } from './errors.ts';

/** Which asset is meant: the newest of that name, the newest revision of that version, or that very revision. */
export interface AssetName {
  name: string;
  version?: string;
  revision?: number;
}

const SPELLING = /^([A-Za-z0-9._-]{1,64})(?:@([^\s@#\p{C}]{1,64})(?:#([1-9]\d{0,8}))?)?$/u;

/** Reads `name`, `name@version` or `name@version#revision`. Throws UsageError. */
export function parseAssetName(text: unknown): AssetName {
  const [, name, version, revision] = (typeof text === 'string' && SPELLING.exec(text)) || [];
  if (name === undefined)
    throw new UsageError(
      `asset ${JSON.stringify(text)}: expected 'name', 'name@version' or 'name@version#revision', such as 'fraud-detector@v3'`,
    );
  return { name, ...(version === undefined ? {} : { version }), ...(revision === undefined ? {} : { revision: Number(revision) }) };
}

/** An asset's name in full; a version's first revision is named by the version alone. */
export const assetId = ({ name, version, revision = 1 }: AssetName): string =>
  `${name}${version === undefined ? '' : `@${version}`}${revision > 1 ? `#${revision}` : ''}`;

/** The type of an input that is an asset which earlier runs made, of whatever pipeline. */
export interface AssetInputType<Kind extends string = string, in Source = never, out Value = unknown>
  extends ArtifactType<Kind, Source, Value> {
  readonly from: string;
}

/**
 * An input that no step of the pipeline makes: an asset of an earlier run, of whatever pipeline. `name` is the newest,
 * `name@version` that version's newest revision, `name@version#revision` that very one. Which one it is, is settled when
 * a run is planned; what comes later does not change the run.
 * @throws UsageError for a name that no asset can have
 *
 * @example
 * const score = step({ name: 'score', inputs: { detector: asset('fraud-detector@v3', model(file())) } }, ({ detector }) => …);
 */
export function asset<K extends string, S, V>(which: string, type: ArtifactType<K, S, V>): AssetInputType<K, S, V> {
  parseAssetName(which);
  if (!isArtifactType(type) || !(type.asset || type.of))
    throw new UsageError(`asset('${which}', …): say what it is: dataset(…), model(…), featureSet(…), metrics() or report(…)`);
  return { ...type, from: which } as AssetInputType<K, S, V>;
}
