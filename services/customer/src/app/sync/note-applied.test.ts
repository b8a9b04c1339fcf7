import { decoded, type RawMessage } from '@bankcrm/events';
import { RateQuoted } from '@bankcrm/proto/gen/corebanking/v1/rates.ts';
import { expect, it } from 'vitest';
import type { Incoming } from './incoming.ts';
import { summaryOf } from './note-applied.ts';

const message = (sourceSystem: string, time: string | undefined) => {
  const headers: Record<string, Buffer> = time === undefined ? {} : { ce_time: Buffer.from(time) };
  const raw: RawMessage = { topic: 't', partition: 0, offset: 0n, time: new Date(), key: null, value: null, headers };
  return decoded<Incoming>(raw, { kind: 'rate', message: RateQuoted.fromPartial({ sourceSystem }) });
};
const newestOf = (...times: (string | undefined)[]) => summaryOf(times.map((time) => message('core', time))).get('core')!.newest;

it.each([
  ['in any order', ['2026-05-01T00:00:00Z', '2026-05-03T00:00:00Z', '2026-05-02T00:00:00Z'], '2026-05-03T00:00:00.000Z'],
  [
    'in zones',
    ['2026-05-01T00:30:00+08:00', '2026-05-01T00:00:00+00:00', '2026-05-01T00:00:00-01:00'],
    '2026-05-01T01:00:00.000Z',
  ],
  [
    'of mixed precision',
    ['2026-05-01T00:00:01Z', '2026-05-01T00:00:01.500Z', '2026-05-01T00:00:00Z'],
    '2026-05-01T00:00:01.500Z',
  ],
  [
    'that are none, among others',
    ['yesterday', '9999-99-99T99:99:99Z', '2026-05-01T00:00:00Z', undefined],
    '2026-05-01T00:00:00.000Z',
  ],
])('the newest of event times %s is found', (_, times, expected) => {
  expect(new Date(newestOf(...times)).toISOString()).toBe(expected);
});

it('messages are counted by the source that they are of, and a source without times has none', () => {
  const summary = summaryOf([message('core', undefined), message('card', '2026-05-01T00:00:00Z'), message('core', 'never')]);
  expect([...summary].map(([source, { messages, newest }]) => [source, messages, Number.isFinite(newest)])).toEqual([
    ['core', 2, false],
    ['card', 1, true],
  ]);
});
