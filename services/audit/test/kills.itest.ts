import { it } from 'vitest';
import { killAndReplay } from './support/kills.ts';

it(
  'keeps each entry once and only ever one head of a number, killed anywhere and with everything sent three times',
  {
    timeout: 120_000,
  },
  ({ onTestFinished }) => killAndReplay(3, onTestFinished),
);
