export * from './manifest.ts';
export * from './read.ts';
export * from './topics.ts';
