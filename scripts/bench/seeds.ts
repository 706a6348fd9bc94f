let seeds = 0;

/**
 * A number far from all that were given before: no value of a run that begins with it was ever made, by any pipeline, and the
 * cache answers nothing. It does not matter to the cache which pipeline a step of the same code belongs to.
 */
export const newSeed = () => ++seeds * 1_000_000;
