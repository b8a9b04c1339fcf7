import { relative } from 'node:path';
import type { SerializedError, TestModule } from 'vitest/node';

/** A test that failed and then passed. */
export interface FlakyTest {
  test: string;
  firstError: string;
}

/** A test file that ran. */
export interface FileResult {
  /** From the repository's root. */
  file: string;
  /** Its imports, hooks and tests, by the clock. */
  seconds: number;
  passed: number;
  failed: number;
  skipped: number;
  flaky: readonly FlakyTest[];
}

/** What a run of test files left. A file that could not be loaded, or whose hooks failed, counts as one failure more. */
export const resultsOf = (modules: readonly TestModule[], root: string): FileResult[] =>
  modules.map((module) => {
    const tests = [...module.children.allTests()];
    const count = (state: string) => tests.filter((test) => test.result().state === state).length;
    const suites = [...module.children.allSuites()];
    const { collectDuration, duration } = module.diagnostic();
    return {
      file: relative(root, module.moduleId),
      seconds: (collectDuration + duration) / 1_000,
      passed: count('passed'),
      failed: count('failed') + (module.errors().length > 0 || suites.some((suite) => suite.errors().length > 0) ? 1 : 0),
      skipped: count('skipped'),
      flaky: tests
        .filter((test) => test.diagnostic()?.flaky)
        .map((test) => ({ test: test.fullName, firstError: firstLine(test.result().errors) })),
    };
  });

const firstLine = (errors: readonly Pick<SerializedError, 'message'>[] = []): string =>
  errors[0]?.message.split('\n')[0] ?? 'no error was kept';
