import { defineConfig } from 'vitest/config';
export default defineConfig({
  test: { include: ['deploy/simulator/test/*.itest.ts'], fileParallelism: false, testTimeout: 60000, hookTimeout: 60000 },
});
