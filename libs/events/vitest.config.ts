import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: import.meta.dirname,
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.itest.ts'],
    // Node runs the sources as it does in production, without a bundler in between.
    experimental: { viteModuleRunner: false },
    globalSetup: ['test/servers.ts'],
    // One broker and one PostgreSQL serve all suites; two at a time is what two cores carry.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
