import { defineConfig } from 'vitest/config';

/**
 * rules: the repository's own rules · unit: nothing outside the process · integration and acceptance: real servers, started once
 * for the whole run. Files that share servers run one after the other: two cores are all a laptop has to give.
 */
export default defineConfig({
  test: {
    reporters: ['default', './deploy/rules/src/closing-line.ts'],
    projects: [
      { test: { name: 'rules', include: ['deploy/rules/test/*.test.ts'], testTimeout: 120_000 } },
      {
        test: {
          name: 'unit',
          include: ['{libs,services,deploy}/**/*.test.ts'],
          exclude: ['**/node_modules/**', 'deploy/rules/**'],
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['{libs,services,deploy}/*/test/*.itest.ts'],
          exclude: ['**/node_modules/**', 'deploy/acceptance/**'],
          globalSetup: ['./libs/testing/src/global-setup.ts'],
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: 'acceptance',
          include: ['deploy/acceptance/test/*.itest.ts'],
          globalSetup: ['./deploy/acceptance/src/global-setup.ts'],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
