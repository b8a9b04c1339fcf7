import { it } from 'vitest';
import { killAndReplay } from '../test/support/kills.ts';

it(
  'keeps each entry once and only ever one head of a number, killed 60 times anywhere and with everything sent three times',
  {
    timeout: 900_000,
  },
  ({ onTestFinished }) => killAndReplay(60, onTestFinished),
);
