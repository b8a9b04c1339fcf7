export * from './entry.ts';
export * from './field-uses.ts';
export * from './refusal-log.ts';
