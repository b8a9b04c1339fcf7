import { command } from '@bankcrm/backend';
import type { Tx } from '@bankcrm/database';
import { civilDate, parseName, requireEtag, staleEtag } from '@bankcrm/kernel';
import { Customer, SupplementCustomerRequest } from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';
import { type Call, callingStaff } from '@bankcrm/service';
import { isIdentifyingField, readSupplements, type SupplementInput } from '../../domain/supplement.ts';
import { requireCustomer } from '../../store/visible-customer.ts';
import { actOn, type Change, queryHash, recordAct } from '../acts.ts';
import type { CustomerDeps } from '../deps.ts';
import { publishChanges } from '../golden-record/publish-changes.ts';
import { refoldCustomers } from '../golden-record/refold-customers.ts';
import { readCustomer } from './get-customer.ts';
import { writeManualValue } from './manual-values.ts';

/**
 * Writes manual values beside the synchronised ones and folds the record anew, so that what is believed follows from both. Throws NOT_FOUND,
 * ABORTED for another etag than the current one, INVALID for a field that cannot be supplemented or a masked value sent back.
 */
export const supplementCustomer =
  (deps: CustomerDeps) =>
  async (request: SupplementCustomerRequest, call: Call): Promise<Customer> => {
    const { staffId } = callingStaff(call);
    const customerId = parseName('customers/*', request.name, 'name')[0]!;
    requireEtag(request.etag);
    const asked = request.values.flatMap(({ field, value }) => [field, value]);
    call.asksFor(queryHash(deps, asked));
    const now = deps.clock.now();

    const { reply } = await command(deps, call, {
      request,
      requestType: SupplementCustomerRequest,
      replyType: Customer,
      allow: (tx) => requireCustomer(tx, customerId, true),
      async work(tx, version) {
        if (String(version) !== request.etag) throw staleEtag();
        const values = readSupplements(request.values, await masksOf(tx, customerId));
        const changes: Change[] = [];
        for (const value of values) {
          const change = isIdentifyingField(value.field)
            ? await writeManualValue(tx, deps, { customerId, staffId, now }, value.field, value.value)
            : await writePlainValue(tx, { customerId, staffId, now }, value);
          if (change.oldValue !== change.newValue || isWrittenAnew(change)) changes.push(change);
        }
        if (changes.length > 0) await fold(tx, deps, customerId, version, now, changes);
        // The answer shows the customer, also to whoever writes what stands there already.
        await recordAct(tx, actOn(customerId, call, deps, now, { changes }));
        return { reply: await readCustomer(tx, customerId, call, deps), recorded: true };
      },
    });
    return reply;
  };

/** A guess at an identifying value is a change whether or not it is right: no id, version, event or history tells which. */
const isWrittenAnew = ({ field, newValue }: Change): boolean => isIdentifyingField(field) && newValue !== '';

async function writePlainValue(
  tx: Tx,
  { customerId, staffId, now }: { customerId: string; staffId: string; now: Date },
  { field, value }: SupplementInput,
): Promise<Change> {
  const { rows } = await tx.query<{ value: string }>(
    'SELECT value FROM customer.supplement WHERE customer_id = $1 AND field = $2',
    [customerId, field],
  );
  const change = { field, oldValue: rows[0]?.value ?? '', newValue: value };
  if (change.oldValue === value) return change;
  if (value === '') await tx.query('DELETE FROM customer.supplement WHERE customer_id = $1 AND field = $2', [customerId, field]);
  else
    await tx.query(
      `INSERT INTO customer.supplement (customer_id, field, value, staff_id, update_time) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (customer_id, field) DO UPDATE SET value = excluded.value, staff_id = excluded.staff_id, update_time = excluded.update_time`,
      [customerId, field, value, staffId, now],
    );
  return change;
}

/** Folds the record, gives it its next version even where only an identifying value changed, and tells the platform. */
async function fold(
  tx: Tx,
  deps: CustomerDeps,
  customerId: string,
  version: bigint,
  now: Date,
  changes: readonly Change[],
): Promise<void> {
  const today = (time: Date) => civilDate(time, deps.timeZone);
  const refolded = await refoldCustomers(tx, { ...deps, today }, { customerIds: [customerId], now, stay: true });
  const folded = refolded.get(customerId);
  if (!folded)
    await tx.query('UPDATE customer.customer SET version = version + 1, update_time = $2 WHERE customer_id = $1', [
      customerId,
      now,
    ]);
  const changedFields = new Set([...(folded?.changedFields ?? []), ...changes.map(({ field }) => field)]);
  const change = { version: folded?.version ?? version + 1n, changedFields: [...changedFields].sort() };
  await publishChanges(tx, new Map([[customerId, change]]), () => 'manual', now);
}

async function masksOf(tx: Tx, customerId: string): Promise<Set<string>> {
  const { rows } = await tx.query<{ masked: string }>(
    `SELECT v.masked FROM customer.identifying_value AS v LEFT JOIN customer.party USING (party_id)
     WHERE coalesce(v.customer_id, party.customer_id) = $1 AND v.masked <> ''`,
    [customerId],
  );
  return new Set(rows.map(({ masked }) => masked));
}
