import type { FieldCrypto } from '@bankcrm/access';
import type { Tx } from '@bankcrm/database';
import { civilDate, exhausted, notFound, parseName } from '@bankcrm/kernel';
import type { FieldUse } from '@bankcrm/proto/gen/bankcrm/audit/v1/entries.ts';
import type { RevealFieldsRequest, RevealFieldsResponse } from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';
import { DataClass } from '@bankcrm/proto/gen/bankcrm/options/v1/options.ts';
import { type Call, callingStaff } from '@bankcrm/service';
import { Reason } from '../../domain/reasons.ts';
import { type RevealedField, readReveal } from '../../domain/reveal.ts';
import { valuePrefixes } from '../../store/profile-row.ts';
import { countUses } from '../../store/use-counts.ts';
import { requireCustomer } from '../../store/visible-customer.ts';
import { actOn, queryHash, recordAct } from '../acts.ts';
import { asCaller, type CustomerDeps } from '../deps.ts';

/**
 * Shows identifying values of one customer in the clear, with a reason, within the caller's number of the day. All or none: a field
 * that is not this customer's makes the whole request NOT_FOUND, and EXHAUSTED `REVEAL_LIMIT` shows and counts nothing.
 */
export const revealFields =
  (deps: CustomerDeps) =>
  async (request: RevealFieldsRequest, call: Call): Promise<RevealFieldsResponse> => {
    const caller = callingStaff(call);
    const customerId = parseName('customers/*', request.name, 'name')[0]!;
    const asked = readReveal(request);
    call.asksFor(queryHash(deps, [request.reasonCode, ...request.fields]));
    const now = deps.clock.now();
    const limit = deps.revealsPerDay;
    return asCaller(deps, call, async (tx) => {
      await requireCustomer(tx, customerId);
      const sealed = await sealedFields(tx, customerId, asked);
      const uses = await countUses(tx, {
        staffId: caller.staffId,
        kind: 'reveal',
        day: civilDate(now, deps.timeZone),
        uses: asked.length,
        limit,
      });
      if (uses === undefined) throw exhausted(Reason.revealLimit, { limit });
      const note = request.note.trim();
      const changes = [
        ...asked.map(({ field }) => ({ field, oldValue: '', newValue: 'revealed' })),
        ...(note === '' ? [] : [{ field: 'note', oldValue: '', newValue: note }]),
      ];
      await recordAct(
        tx,
        actOn(customerId, call, deps, now, { reason: request.reasonCode, changes, fields: usesOf(asked, sealed) }),
      );
      return {
        fields: asked.map((field) => ({ field: field.field, value: open(deps.fields, field, sealed.get(field.field)!.sealed) })),
        remainingToday: limit - uses,
      };
    });
  };

/** A sealed value, and what it is: `contacts.mobile`, `holdings.number`. */
interface SealedField {
  sealed: Buffer;
  name: string;
}

/** Which kinds of values were shown, for the audit entry; the history of the same id says which ones. */
const usesOf = (asked: readonly RevealedField[], sealed: ReadonlyMap<string, SealedField>): FieldUse[] =>
  [...new Set(asked.map(({ field }) => sealed.get(field)!.name))].map((name) => ({ name, dataClass: DataClass.C2_IDENTIFYING }));

/** The sealed values asked for. Throws NOT_FOUND unless every one is this customer's. */
async function sealedFields(tx: Tx, customerId: string, asked: readonly RevealedField[]): Promise<Map<string, SealedField>> {
  const ids = (of: RevealedField['of']) => asked.filter((field) => field.of === of).map(({ id }) => id);
  const { rows: values } = await tx.query<{ id: string; category: keyof typeof valuePrefixes; kind: string; sealed: Buffer }>(
    `SELECT v.value_id AS id, v.category, v.kind, v.sealed
     FROM customer.identifying_value AS v LEFT JOIN customer.party USING (party_id)
     WHERE v.value_id = ANY ($2::uuid[]) AND coalesce(v.customer_id, party.customer_id) = $1`,
    [customerId, ids('value')],
  );
  const { rows: accounts } = await tx.query<{ id: string; sealed: Buffer }>(
    `SELECT account.account_id AS id, account.number_sealed AS sealed FROM customer.account
     WHERE account.account_id = ANY ($2::uuid[]) AND account.number_sealed IS NOT NULL AND EXISTS (
       SELECT FROM customer.holder JOIN customer.party USING (party_id)
       WHERE holder.account_id = account.account_id AND party.customer_id = $1) AND customer.owner_in_sight(account.account_id)`,
    [customerId, ids('account')],
  );
  const found = new Map<string, SealedField>([
    ...values.map(({ category, kind, id, sealed }): [string, SealedField] => {
      const collection = valuePrefixes[category];
      return [`${collection}/${id}`, { sealed, name: `${collection}.${kind}` }];
    }),
    ...accounts.map(({ id, sealed }): [string, SealedField] => [`holdings/${id}`, { sealed, name: 'holdings.number' }]),
  ]);
  if (!asked.every(({ field }) => found.has(field))) throw notFound();
  return found;
}

const open = (fields: FieldCrypto, { of, id }: RevealedField, sealed: Buffer): string =>
  fields
    .open(
      sealed,
      of === 'value'
        ? { table: 'customer.identifying_value', column: 'sealed', rowId: id }
        : { table: 'customer.account', column: 'number_sealed', rowId: id },
    )
    .toString();
