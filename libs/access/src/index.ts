export * from './caller.ts';
export * from './field-crypto.ts';
export * from './keys.ts';
export * from './link-token.ts';
export * from './permission-table.ts';
export * from './posts.ts';
export * from './staff-directory.ts';
export * from './token-verifier.ts';
