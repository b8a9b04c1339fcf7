import { columns, type Tx } from '@bankcrm/database';
import { type CustomerId, deriveIdBytes, newId } from '@bankcrm/kernel';
import { byBytes } from './order.ts';

/** A `(source system, customer number)` that some message names. */
export interface PartyKey {
  partyId: Buffer;
  sourceSystem: string;
  sourceId: string;
}

export const partyKey = (sourceSystem: string, sourceId: string): PartyKey => ({
  partyId: deriveIdBytes('party', sourceSystem, sourceId),
  sourceSystem,
  sourceId,
});

export interface MentionedParty {
  customerId: CustomerId;
  /** Made in this transaction: nobody else can know the customer yet. */
  isNew: boolean;
}

/**
 * Gives every party its customer, by the party's id in hex: the one it has, or a new one at first mention. A new customer is MENTIONED until
 * its own snapshot comes, and has its summary row from the start. Two transactions that mention one party first are settled by
 * the key of the party's table: the later one waits and takes the customer of the earlier.
 */
export async function mentionParties(tx: Tx, parties: Iterable<PartyKey>): Promise<Map<string, MentionedParty>> {
  const wanted = new Map<string, PartyKey>();
  for (const party of parties) wanted.set(party.partyId.toString('hex'), party);
  const found = new Map<string, MentionedParty>();
  await readParties(tx, wanted, found);
  if (found.size === wanted.size) return found;

  const missing = [...wanted].filter(([key]) => !found.has(key)).map(([, party]) => party);
  missing.sort((a, b) => byBytes(a.partyId, b.partyId));
  const { rows } = await tx.query<{ party_id: string; customer_id: CustomerId }>({
    name: 'mention-parties',
    text: `
      INSERT INTO customer.party (party_id, customer_id, source_system, source_id)
      SELECT party_id, customer_id, source_system, source_id
      FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[]) AS given (party_id, customer_id, source_system, source_id)
      ON CONFLICT (party_id) DO NOTHING
      RETURNING party_id, customer_id`,
    values: [
      columns.uuids(missing.map(({ partyId }) => partyId)),
      columns.uuids(missing.map(() => newId())),
      columns.texts(missing.map(({ sourceSystem }) => sourceSystem)),
      columns.texts(missing.map(({ sourceId }) => sourceId)),
    ],
  });
  for (const row of rows) found.set(row.party_id.replaceAll('-', ''), { customerId: row.customer_id, isNew: true });
  if (rows.length > 0) await insertMentioned(tx, rows.map((row) => row.customer_id), missing, found);
  if (found.size < wanted.size) await readParties(tx, wanted, found);
  return found;
}

async function readParties(tx: Tx, wanted: Map<string, PartyKey>, found: Map<string, MentionedParty>): Promise<void> {
  const ids = [...wanted].filter(([key]) => !found.has(key)).map(([, { partyId }]) => partyId);
  const { rows } = await tx.query<{ party_id: string; customer_id: CustomerId }>({
    name: 'read-parties',
    text: 'SELECT party_id, customer_id FROM customer.party WHERE party_id = ANY ($1::uuid[])',
    values: [columns.uuids(ids)],
  });
  for (const row of rows) found.set(row.party_id.replaceAll('-', ''), { customerId: row.customer_id, isNew: false });
}

async function insertMentioned(
  tx: Tx,
  customerIds: readonly CustomerId[],
  missing: readonly PartyKey[],
  found: ReadonlyMap<string, MentionedParty>,
): Promise<void> {
  const numberOf = new Map<string, string>();
  for (const { partyId, sourceId } of missing) {
    const mentioned = found.get(partyId.toString('hex'));
    if (mentioned !== undefined) numberOf.set(mentioned.customerId, sourceId);
  }
  await tx.query({
    name: 'insert-mentioned-customers',
    text: `
      WITH given AS (SELECT customer_id, number FROM unnest($1::uuid[], $2::text[]) AS given (customer_id, number)),
      summary AS (INSERT INTO customer.customer_summary (customer_id) SELECT customer_id FROM given)
      INSERT INTO customer.customer (customer_id, kind, state, primary_number)
      SELECT customer_id, 'UNKNOWN', 'MENTIONED', number FROM given`,
    values: [columns.uuids([...customerIds]), columns.texts(customerIds.map((id) => numberOf.get(id) ?? ''))],
  });
}
