import { defineConfig } from 'vitest/config';

/** In CI a test of real servers gets a second try; what passed only then is named at the end, and more than a few of them fail the run. */
const retry = process.env.CI === 'true' ? 1 : 0;
const everywhere = ['**/node_modules/**'];
const servers = './libs/testing/src/global-setup.ts';
const onServers = {
  globalSetup: [servers],
  retry,
  testTimeout: 60_000,
  hookTimeout: 300_000,
  // Tests that a file runs side by side wait for most of their time.
  maxConcurrency: 8,
};
const alone = { fileParallelism: false };
/** Two cores are all that a laptop has to give. */
const besideEachOther = { maxWorkers: 2 };

/**
 * rules: the repository's own rules · unit: nothing outside the process · integration: real servers, with databases, topics and staff of its own
 * for each file · alone: the same, for files that measure or that touch what is of a whole server · acceptance: the whole platform, one file after
 * the other · faults: the long form of a guarantee, on request. deploy/test runs all but the last in this order.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'rules',
          include: ['deploy/rules/test/*.test.ts'],
          testTimeout: 600_000,
          sequence: { groupOrder: 1 },
          ...besideEachOther,
        },
      },
      {
        test: {
          name: 'unit',
          include: ['{libs,services,deploy}/**/*.test.ts'],
          exclude: [...everywhere, 'deploy/rules/**'],
          testTimeout: 30_000,
          // What a set-up computes takes as long as what a test does.
          hookTimeout: 30_000,
          sequence: { groupOrder: 1 },
          ...besideEachOther,
        },
      },
      {
        test: {
          ...onServers,
          name: 'integration',
          include: ['{libs,services,deploy}/*/test/*.itest.ts'],
          exclude: [...everywhere, 'deploy/acceptance/**', '**/*.alone.itest.ts'],
          sequence: { groupOrder: 2 },
          ...besideEachOther,
        },
      },
      {
        test: {
          ...onServers,
          name: 'alone',
          include: ['{libs,services,deploy}/*/test/*.alone.itest.ts'],
          sequence: { groupOrder: 3 },
          ...alone,
        },
      },
      {
        test: {
          ...onServers,
          name: 'acceptance',
          include: ['deploy/acceptance/test/*.itest.ts', 'services/*/acceptance/*.itest.ts'],
          globalSetup: [servers, './deploy/acceptance/src/global-setup.ts'],
          testTimeout: 120_000,
          sequence: { groupOrder: 4 },
          ...alone,
        },
      },
      {
        test: {
          ...onServers,
          name: 'faults',
          include: ['{libs,services,deploy}/*/faults/*.ftest.ts'],
          testTimeout: 600_000,
          sequence: { groupOrder: 5 },
          ...alone,
        },
      },
    ],
  },
});
