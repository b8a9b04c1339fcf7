import { expect, it } from 'vitest';
import { Freshness, type Place } from './freshness.ts';

const places: Place[] = [
  { topic: 'placements', partition: 0 },
  { topic: 'placements', partition: 1 },
  { topic: 'org-units', partition: 0 },
];
const second = 1_000;

function opened() {
  let now = 1_000_000_000_000;
  const freshness = new Freshness({ now: () => new Date(now) }, { highPrivilegeAfterMs: 30_000, everythingAfterMs: 600_000 });
  const refusal = (highPrivilege: boolean): string => {
    try {
      freshness.requireFresh(highPrivilege);
      return 'allowed';
    } catch (error) {
      return (error as { reason: string }).reason;
    }
  };
  return {
    freshness,
    pass: (ms: number) => {
      now += ms;
    },
    /** Heartbeats of all partitions at an age. */
    feed: (...agesMs: number[]) => agesMs.map((age, at) => ({ ...places[at]!, asOf: new Date(now - age) })),
    outcomes: () => [refusal(true), refusal(false)],
  };
}

it('refuses everything while nothing is known', () => {
  const { freshness, outcomes } = opened();
  expect(outcomes()).toEqual(['PLACEMENTS_SILENT', 'PLACEMENTS_SILENT']);
  freshness.note(places, []);
  expect(outcomes()).toEqual(['PLACEMENTS_SILENT', 'PLACEMENTS_SILENT']);
  expect(freshness.caughtUp).toBe(false);
});

it('is caught up when each partition has passed the start, once and for all', () => {
  const { freshness, pass, feed } = opened();
  pass(5 * second);
  freshness.note(places, feed(0, 0, 5 * second + 1));
  expect(freshness.caughtUp).toBe(false);
  freshness.note([], feed(0, 0, 0));
  expect(freshness.caughtUp).toBe(false);
  freshness.note(places, feed(0, 0, 5 * second));
  expect(freshness.caughtUp).toBe(true);
  pass(3_600 * second);
  freshness.note(places, feed(0, 0, 3_600 * second));
  expect(freshness.caughtUp).toBe(true);
});

it('refuses by the age of the oldest partition: high privilege after 30 s, everything after 10 minutes', () => {
  const { freshness, pass, feed, outcomes } = opened();
  freshness.note(places, feed(0, 0, 0));
  pass(30 * second);
  expect(outcomes()).toEqual(['allowed', 'allowed']);
  pass(1);
  expect(outcomes()).toEqual(['PLACEMENTS_SILENT', 'allowed']);
  freshness.note(places, feed(0, 600 * second, 0));
  expect(outcomes()).toEqual(['PLACEMENTS_SILENT', 'allowed']);
  freshness.note(places, feed(0, 600 * second + 1, 0));
  expect(outcomes()).toEqual(['PLACEMENTS_SILENT', 'PLACEMENTS_SILENT']);
  freshness.note(places, feed(0, 0, 0));
  expect(outcomes()).toEqual(['allowed', 'allowed']);
});

it('goes on by what stands in the database before Kafka answers after a restart', () => {
  const { freshness, feed, outcomes } = opened();
  freshness.note([], feed(2 * second, 2 * second, 40 * second));
  expect(outcomes()).toEqual(['PLACEMENTS_SILENT', 'allowed']);
  expect(freshness.caughtUp).toBe(false);
});

it('counts a partition without a heartbeat as old as the news of it', () => {
  const { freshness, pass, feed, outcomes } = opened();
  freshness.note(places, feed(0, 0));
  expect(outcomes()).toEqual(['allowed', 'allowed']);
  pass(31 * second);
  freshness.note(places, feed(0, 0));
  expect(outcomes()).toEqual(['PLACEMENTS_SILENT', 'allowed']);
});
