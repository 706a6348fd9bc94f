/** Tells a step's process to abort the step's AbortSignal. */
export const ABORT_SIGNAL = 'SIGUSR2';

/** By what signal a step's process ends itself when it is over its memory: one that nothing else sends. */
export const MEMORY_SIGNAL = 'SIGXCPU';
