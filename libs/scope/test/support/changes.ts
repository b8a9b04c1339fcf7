import fc from 'fast-check';
import { type Bank, type Customer, customerOf } from './bank.ts';

/** One thing that happens in a bank: a part of a customer becomes that of another customer, a queue has other people, a unit stands elsewhere. */
export type Change =
  | { customer: number; part: (typeof parts)[number]; as: Customer }
  | { queue: number; members: number[] }
  | { unit: number; above: number | undefined };

const parts = [
  ...(['unit', 'rm', 'dedicated', 'restricted', 'participants'] as const),
  ...(['collaborators', 'served', 'grants', 'tickets'] as const),
];

/** What may happen next in a bank. */
export function changesOf({ units, people, queues, customers }: Bank): fc.Arbitrary<Change> {
  const customer: fc.Arbitrary<Change> = fc.record({
    customer: fc.nat(customers.length - 1),
    part: fc.constantFrom(...parts),
    as: customerOf(units.length, people.length, queues.length, customers.length),
  });
  const queue = (): fc.Arbitrary<Change> =>
    fc.record({ queue: fc.nat(queues.length - 1), members: fc.uniqueArray(fc.nat(people.length - 1), { maxLength: 3 }) });
  const unit: fc.Arbitrary<Change> = fc.nat(units.length - 1).chain((which) =>
    fc.record({
      unit: fc.constant(which),
      above: which === 0 ? fc.constant(undefined) : fc.option(fc.nat(which - 1), { nil: undefined }),
    }),
  );
  return fc.oneof(
    { weight: 8, arbitrary: customer },
    { weight: 1, arbitrary: unit },
    ...(queues.length === 0 ? [] : [{ weight: 1, arbitrary: queue() }]),
  );
}

/** The bank after a change. */
export function changed(bank: Bank, change: Change): Bank {
  const { units, queues, customers } = bank;
  if ('queue' in change) return { ...bank, queues: queues.with(change.queue, change.members) };
  if ('unit' in change) return { ...bank, units: units.with(change.unit, { ...units[change.unit]!, above: change.above }) };
  const { customer, part, as } = change;
  return { ...bank, customers: customers.with(customer, { ...customers[customer]!, [part]: as[part] }) };
}
