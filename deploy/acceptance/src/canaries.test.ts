import { TransactionPosted } from '@bankcrm/proto/gen/corebanking/v1/transactions.ts';
import { expect, it } from 'vitest';
import { sightings } from './canaries.ts';

const minorUnits = 1_234_567_890_100n;

it.each([
  ['minor units in digits', '{"minorUnits":"1234567890100"}'],
  ['whole units in digits', '{"currencyCode":"CNY","units":"12345678901"}'],
  [
    'protobuf',
    Buffer.from(
      TransactionPosted.encode(TransactionPosted.fromPartial({ amount: { currencyCode: 'CNY', minorUnits } })).finish(),
    ).toString('latin1'),
  ],
])('a canary amount is seen as %s', (_how, text) => {
  expect(sightings({ amount: 12_345_678_901n }, 'it', text)).toEqual(['amount in it']);
});

it('another amount is not taken for it', () => {
  expect(sightings({ amount: 12_345_678_902n }, 'it', '{"minorUnits":"1234567890100"}')).toEqual([]);
});
