import type { Part } from './parts.ts';
import type { FileResult } from './results.ts';

/** A stretch of the run, by the clock. */
export interface Stretch {
  name: string;
  seconds: number;
}

/** What went wrong outside a test: a set-up, the servers, an error that nobody caught. */
export interface Problem {
  where: string;
  text: string;
}

export interface Run {
  files: readonly FileResult[];
  problems: readonly Problem[];
  parts: readonly Part[];
  stretches: readonly Stretch[];
}

/** More tests than this that pass at the second try only are no accident. */
const mostFlaky = 3;
const slowestFiles = 15;

export interface Closing {
  /** Ends with `N passed, N failed` (and what was skipped) alone on a line. */
  text: string;
  /** Nothing failed, something ran, and few tests were flaky. */
  good: boolean;
}

/** What the run has to say at its end. */
export function closing({ files, problems, parts, stretches }: Run): Closing {
  const sum = (one: (file: FileResult) => number) => files.reduce((total, file) => total + one(file), 0);
  const [passed, skipped] = [sum((file) => file.passed), sum((file) => file.skipped)];
  const failed = sum((file) => file.failed) + problems.length;
  const flaky = files.flatMap((file) => file.flaky.map((one) => ({ ...one, file: file.file })));
  const slowest = [...files].sort((a, b) => b.seconds - a.seconds).slice(0, slowestFiles);
  const over = parts.filter(({ seconds, budgetSeconds }) => seconds > budgetSeconds);
  const sections = [
    section(
      'Slowest files',
      slowest.map(({ file, seconds }) => `${inSeconds(seconds)}  ${file}`),
    ),
    section(
      'Parts, with their budgets',
      parts.map((part) => `${inSeconds(part.seconds)} of ${part.budgetSeconds} s  ${part.name}`),
    ),
    over.map(({ name, seconds, budgetSeconds }) => `warning: ${name} took ${Math.round(seconds)} s of ${budgetSeconds} s`),
    section(
      'By the clock',
      stretches.map(({ name, seconds }) => `${inSeconds(seconds)}  ${name}`),
    ),
    section(
      'Passed only at the second try',
      flaky.map(({ file, test, firstError }) => `${file} > ${test}: ${firstError}`),
    ),
    flaky.length > mostFlaky ? [`failed: more than ${mostFlaky} tests passed only at the second try`] : [],
    section(
      'Outside the tests',
      problems.map(({ where, text }) => `${where}: ${text}`),
    ),
    [`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`],
  ];
  return {
    text: sections
      .filter((lines) => lines.length > 0)
      .map((lines) => lines.join('\n'))
      .join('\n\n'),
    good: failed === 0 && passed > 0 && flaky.length <= mostFlaky,
  };
}

const section = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${line}`)];

const inSeconds = (seconds: number): string => `${seconds.toFixed(1).padStart(6)} s`;
