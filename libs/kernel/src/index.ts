export * from './clock.ts';
export * from './currencies.ts';
export * from './describe-error.ts';
export * from './errors.ts';
export * from './identifying-text.ts';
export * from './ids.ts';
export * from './json-text.ts';
export * from './money.ts';
