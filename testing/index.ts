export { type HistoryToReplay, type ReplayOptions, type ReplayVerdict, replayHistories } from './replay.ts';
