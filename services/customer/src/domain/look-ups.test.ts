import { expect, it } from 'vitest';
import { looksLikeGuessing, whyNoLookUp } from './look-ups.ts';

const limits = { perDay: 20, perDayAtCounter: 60, ofShape: 3, ofShapeTogether: 10 };
const none = { today: 0, ofShape: 0, ofShapeTogether: 0 };
const reasonOf = (misses: Partial<typeof none>, atCounter = false) =>
  whyNoLookUp({ ...none, ...misses }, limits, atCounter)?.reason;

it('ends look-ups after 20 misses of a day, at the counter after 60', () => {
  expect([reasonOf({ today: 19 }), reasonOf({ today: 20 })]).toEqual([undefined, 'LOOK_UP_MISS_LIMIT']);
  expect([reasonOf({ today: 59 }, true), reasonOf({ today: 60 }, true)]).toEqual([undefined, 'LOOK_UP_MISS_LIMIT']);
});

it('ends look-ups of a shape after misses of three numbers of it, at the counter, too', () => {
  expect([reasonOf({ ofShape: 2 }), reasonOf({ ofShape: 3 })]).toEqual([undefined, 'LOOK_UP_GUESSES']);
  expect(reasonOf({ ofShape: 3 }, true)).toBe('LOOK_UP_GUESSES');
});

it('alarms at the third miss of one person and at the eleventh of all together', () => {
  expect([1, 2].map((ofShape) => looksLikeGuessing({ ...none, ofShape }, limits))).toEqual([false, true]);
  expect([9, 10].map((ofShapeTogether) => looksLikeGuessing({ ...none, ofShapeTogether }, limits))).toEqual([false, true]);
});
