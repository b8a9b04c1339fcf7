import { demoBankFile, type Stack } from '@bankcrm/local';
import { ledgerOf, publish, readBank, type SimulateOptions, simulate } from '@bankcrm/simulator';
import { untilApplied } from './kafka.ts';

/**
 * The bank that every test finds. Small, and by its seed complete: restricted and closed customers, joint accounts, foreign currency,
 * maturities, loans and cards are all there.
 */
export const demoOptions: SimulateOptions = { customers: 300, seed: 10, months: 3, bank: readBank(demoBankFile) };

/** Its own books: what must be true in the platform. */
export const ledger = ledgerOf(demoOptions);

export async function loadDemoBank(stack: Stack): Promise<void> {
  await publish(simulate(demoOptions), { brokers: stack.kafka.brokers });
  await untilApplied(stack, 120_000);
}
