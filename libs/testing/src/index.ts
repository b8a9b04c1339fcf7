export * from './eventually.ts';
export * from './suite.ts';
