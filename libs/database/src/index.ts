export * as columns from './columns.ts';
export * from './connection-failure.ts';
export * from './idempotency.ts';
export * from './migrate.ts';
export * from './migrate-requests.ts';
export * from './pool.ts';
export * from './transaction.ts';
