import type { BankMessage } from '../messages/encode.ts';
import { Random } from '../random.ts';

/** Sends a share of messages again some time later, byte for byte with the same `ce_id`: what at-least-once delivery does. */
export function* withDuplicates(
  messages: Iterable<BankMessage>,
  options: { seed: number; share: number },
): Generator<BankMessage> {
  const random = new Random(options.seed, 101);
  let waiting: BankMessage[] = [];
  for (const message of messages) {
    yield message;
    if (random.chance(options.share)) waiting.push(message);
    if (waiting.length >= 64) {
      yield* waiting;
      waiting = [];
    }
  }
  yield* waiting;
}

/**
 * Takes messages out of order within a window: an older version arrives after a newer one, a transaction before its
 * account, an account before its customer. Holds `window` messages at most.
 */
export function* shuffled(messages: Iterable<BankMessage>, options: { seed: number; window: number }): Generator<BankMessage> {
  const random = new Random(options.seed, 102);
  const held: BankMessage[] = [];
  const takeAny = (): BankMessage => {
    const position = random.int(0, held.length - 1);
    const taken = held[position] as BankMessage;
    held[position] = held.at(-1) as BankMessage;
    held.pop();
    return taken;
  };
  for (const message of messages) {
    held.push(message);
    if (held.length > options.window) yield takeAny();
  }
  while (held.length > 0) yield takeAny();
}

/** The whole stream again, `times` in all: what a reset of offsets does. `make` gives the stream anew. */
export function* replayed(make: () => Iterable<BankMessage>, times: number): Generator<BankMessage> {
  for (let i = 0; i < times; i++) yield* make();
}
