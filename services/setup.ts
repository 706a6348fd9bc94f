import type { Places } from './places.ts';
import { readState, type State, writeState } from './state.ts';
import type { ServiceOptions } from './types.ts';

/** What starting a service needs. There is one only while the lock is held. */
export interface Setup {
  places: Places;
  ports: NonNullable<ServiceOptions['ports']>;
  env: NodeJS.ProcessEnv;
  say: (line: string) => void;
  state: State;
  /** Changes the state and writes it down. */
  record: (change: (state: State) => void) => void;
}

export function makeSetup(places: Places, options: ServiceOptions): Setup {
  const state = readState(places);
  return {
    places,
    ports: options.ports ?? {},
    env: options.env ?? process.env,
    say: options.onProgress ?? (() => {}),
    state,
    record: (change) => {
      change(state);
      writeState(places, state);
    },
  };
}
