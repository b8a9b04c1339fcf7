export { type ReplayOptions, replay } from './replay.ts';
