import type { RawMessage } from '@bankcrm/events';
import { RateQuoted } from '@bankcrm/proto/gen/corebanking/v1/rates.ts';
import { expect, it } from 'vitest';
import { coreSourceOf } from './corrected-messages.ts';

const message = (
  value: string | Uint8Array | null,
  headers: Record<string, string>,
  topic = 'corebanking.rates.v1',
): RawMessage => ({
  topic,
  partition: 0,
  offset: 0n,
  time: new Date(0),
  key: Buffer.from('k'),
  value: value === null ? null : Buffer.from(value),
  headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)])),
});
const json = { 'content-type': 'Application/JSON; charset=utf-8', ce_source: '/corebanking/header' };
const protobuf = { 'content-type': 'application/protobuf', ce_source: '/corebanking/header' };
const rate = RateQuoted.encode(RateQuoted.fromPartial({ sourceSystem: 'wealth' })).finish();

it.each([
  ['what the JSON says', message('{"sourceSystem":"wealth"}', json), 'wealth'],
  ['what the JSON says in the names of the proto', message('{"source_system":"wealth"}', json), 'wealth'],
  ['what the protobuf says', message(rate, protobuf), 'wealth'],
  ['the header’s where the value cannot be read', message('{"sourceSystem":"wealth"', json), 'header'],
  ['the header’s where the value names none', message('{}', json), 'header'],
  ['the header’s where the value names no possible one', message('{"sourceSystem":"WEALTH!"}', json), 'header'],
  [
    'the header’s where the value is too large to look at',
    message(`{"sourceSystem":"wealth"${' '.repeat(2 ** 20)}}`, json),
    'header',
  ],
  ['nobody’s where neither says', message('{}', { 'content-type': 'application/json', ce_source: 'https://kcat.example/A' }), ''],
  ['nobody’s without value and headers', message(null, {}), ''],
])('a message’s source is %s', (_, raw, source) => {
  expect(coreSourceOf(raw)).toBe(source);
});
