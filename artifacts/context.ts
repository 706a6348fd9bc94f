import type { ArtifactStore } from './store.ts';

/** What saving an output needs. */
export interface SaveContext {
  store: ArtifactStore;
  /** A folder of this attempt's own. */
  workDir: string;
  /** The output's name, for messages and as an asset's default name. */
  output: string;
  /** JSON of at most so many bytes travels inside the reference. Default 4,096. */
  inlineLimit?: number;
}

/** What loading an input needs. */
export interface LoadContext {
  store: ArtifactStore;
  /** A folder of this attempt's own: copies of files and folders are made in it. */
  workDir: string;
  /** The input's name, for messages and as the default name of a file's copy. */
  input: string;
}
