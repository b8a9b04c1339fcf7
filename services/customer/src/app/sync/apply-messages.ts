import type { Tx } from '@bankcrm/database';
import type { Apply, Decoded } from '@bankcrm/events';
import { applyControlTotals } from '../reconcile/apply-control-totals.ts';
import { applyAccessGrants } from '../scope/apply-access-grants.ts';
import { applyAssignments } from '../scope/apply-assignments.ts';
import { applyQueueMembers } from '../scope/apply-queue-members.ts';
import { applyTicketAccess } from '../scope/apply-ticket-access.ts';
import { applyAccounts } from './apply-accounts.ts';
import { applyCustomers } from './apply-customers.ts';
import { applyOrgUnits } from './apply-org-units.ts';
import { applyPanels } from './apply-panels.ts';
import { applyProducts } from './apply-products.ts';
import { applyRates } from './apply-rates.ts';
import { applyTimelineEntries } from './apply-timeline-entries.ts';
import { applyTransactions } from './apply-transactions.ts';
import type { SyncDeps } from './deps.ts';
import type { Incoming } from './incoming.ts';
import type { Committed } from './mention-accounts.ts';
import { noteApplied, summaryOf } from './note-applied.ts';

/**
 * Applies checked messages of one topic in the open transaction, with the record that they were applied. What was checked can be written: rejects none.
 * Nothing here waits with the messages in hand: an async function holds its arguments until it ends, and thousands of messages with them.
 */
export const applyMessages =
  (deps: SyncDeps, committed: Committed): Apply<Incoming> =>
  (tx, items, { topic, now }) => {
    if (items.length === 0) return Promise.resolve([]);
    const summary = summaryOf(items);
    return apply(tx, deps, committed, items, now)
      .then(() => noteApplied(tx, topic, summary, now))
      .then(() => []);
  };

type Of<Kind extends Incoming['kind']> = Extract<Incoming, { kind: Kind }>['message'][];

function apply(tx: Tx, deps: SyncDeps, committed: Committed, items: readonly Decoded<Incoming>[], now: Date): Promise<void> {
  const messages = items.map(({ value }) => value.message);
  // A topic carries messages of one kind.
  switch (items[0]!.value.kind) {
    case 'customer':
      return applyCustomers(tx, deps, messages as Of<'customer'>, now);
    case 'account':
      return applyAccounts(tx, deps, messages as Of<'account'>, now);
    case 'transaction':
      return applyTransactions(tx, deps, committed, messages as Of<'transaction'>);
    case 'rate':
      return applyRates(tx, deps, messages as Of<'rate'>);
    case 'product':
      return applyProducts(tx, deps, messages as Of<'product'>, now);
    case 'control':
      return applyControlTotals(tx, messages as Of<'control'>, now);
    case 'org-unit':
      return applyOrgUnits(tx, messages as Of<'org-unit'>);
    case 'panel':
      return applyPanels(tx, messages as Of<'panel'>);
    case 'timeline-entry':
      return applyTimelineEntries(tx, messages as Of<'timeline-entry'>);
    case 'assignment':
      return applyAssignments(tx, messages as Of<'assignment'>, now);
    case 'access-grant':
      return applyAccessGrants(tx, messages as Of<'access-grant'>);
    case 'ticket-access':
      return applyTicketAccess(tx, messages as Of<'ticket-access'>);
    case 'queue-members':
      return applyQueueMembers(tx, messages as Of<'queue-members'>);
  }
}
