export * as columns from './columns.ts';
export * from './connection-failure.ts';
export * from './idempotency.ts';
export * from './migrate.ts';
export * from './migrate-requests.ts';
export * from './migrate-schema.ts';
export * from './pool.ts';
export * from './sealer.ts';
export * from './transaction.ts';
