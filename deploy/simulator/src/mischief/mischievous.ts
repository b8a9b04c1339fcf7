import type { BankMessage } from '../messages/encode.ts';
import { withBroken } from './broken.ts';
import { shuffled, withDuplicates } from './order.ts';

export type Mischief = 'none' | 'some' | 'all';

/** `some` is a bad day of a real core, `all` a bad dream. Neither changes what is true at the end. */
const levels = {
  some: { duplicates: 0.01, window: 200, broken: 0.001 },
  all: { duplicates: 0.25, window: 5_000, broken: 0.005 },
} as const;

/** Adds redeliveries and broken copies to a stream and takes it out of order, the same way for the same seed. */
export function mischievous(messages: Iterable<BankMessage>, level: Mischief, seed: number): Generator<BankMessage> {
  if (level === 'none') return passed(messages);
  const { duplicates, window, broken } = levels[level];
  return shuffled(withBroken(withDuplicates(messages, { seed, share: duplicates }), { seed, share: broken }), { seed, window });
}

function* passed(messages: Iterable<BankMessage>): Generator<BankMessage> {
  yield* messages;
}
