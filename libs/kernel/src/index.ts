export * from './ascii-digits.ts';
export * from './clock.ts';
export * from './describe-error.ts';
export * from './errors.ts';
export * from './identifying-text.ts';
export * from './ids.ts';
export * from './money.ts';
