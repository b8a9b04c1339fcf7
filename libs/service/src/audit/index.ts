export * from './entry.ts';
export * from './refusal-log.ts';
