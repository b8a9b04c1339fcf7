import { progress } from '@bankcrm/bench/platform.ts';
import { publish, type SimulateOptions, simulate } from '@bankcrm/simulator';

export interface Loaded {
  snapshots: number;
  transactions: number;
}

/** Fills the topics with a simulated bank: every customer and account, and transactions up to the number asked for. */
export async function load(brokers: readonly string[], options: SimulateOptions, maxTransactions: number): Promise<Loaded> {
  const loaded: Loaded = { snapshots: 0, transactions: 0 };
  function* wanted() {
    for (const message of simulate(options)) {
      if (message.topic === 'corebanking.customers.v1' || message.topic === 'corebanking.accounts.v1') loaded.snapshots += 1;
      else if (message.topic !== 'corebanking.transactions.v1') continue;
      else if (loaded.transactions === maxTransactions) continue;
      else loaded.transactions += 1;
      yield message;
    }
  }
  let reported = 0;
  await publish(wanted(), {
    brokers,
    onProgress: ({ messages, elapsedMs }) => {
      if (messages - reported < 200_000) return;
      reported = messages;
      progress(`${messages} messages published in ${Math.round(elapsedMs / 1000)} s`);
    },
  });
  return loaded;
}
