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

/** Party keys of one batch, each derived once. */
export function partyKeys(): (sourceSystem: string, sourceId: string) => PartyKey {
  const keys = new Map<string, PartyKey>();
  return (sourceSystem, sourceId) => {
    const name = `${sourceSystem}/${sourceId}`;
    let key = keys.get(name);
    if (key === undefined) {
      key = partyKey(sourceSystem, sourceId);
      keys.set(name, key);
    }
    return key;
  };
}

export interface MentionedParty {
  customerId: CustomerId;
  /** Made in this transaction: nobody else can know the customer yet. */
  isNew: boolean;
}

/**
 * Gives every party its customer, by the party's id in hex: the one it has, or a new one at first mention. The rows of new customers are the
 * caller's to write. Two transactions that mention one party first are settled by the key of the party's table: the later one
 * waits and takes the customer of the earlier.
 */
export async function claimParties(tx: Tx, parties: Iterable<PartyKey>): Promise<Map<string, MentionedParty>> {
  const wanted = new Map<string, PartyKey>();
  for (const party of parties) wanted.set(party.partyId.toString('hex'), party);
  const found = new Map<string, MentionedParty>();
  if (wanted.size === 0) return found;
  await readParties(tx, wanted, found);
  if (found.size === wanted.size) return found;

  const missing = [...wanted].filter(([key]) => !found.has(key)).map(([, party]) => party);
  missing.sort((a, b) => byBytes(a.partyId, b.partyId));
  const { rows } = await tx.query<{ party_id: string; customer_id: CustomerId }>({
    name: 'insert-parties',
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
  if (found.size < wanted.size) await readParties(tx, wanted, found);
  return found;
}

/** As {@link claimParties}, for parties that another's message names: a new customer is MENTIONED until its own snapshot comes. */
export async function mentionParties(tx: Tx, parties: readonly PartyKey[]): Promise<Map<string, MentionedParty>> {
  const found = await claimParties(tx, parties);
  const fresh = new Map<string, string>();
  for (const { partyId, sourceId } of parties) {
    const party = found.get(partyId.toString('hex'))!;
    if (party.isNew) fresh.set(party.customerId, sourceId);
  }
  if (fresh.size === 0) return found;
  await tx.query({
    name: 'insert-mentioned-customers',
    text: `
      WITH given AS (SELECT customer_id, number FROM unnest($1::uuid[], $2::text[]) AS given (customer_id, number)),
      summary AS (INSERT INTO customer.customer_summary (customer_id) SELECT customer_id FROM given)
      INSERT INTO customer.customer (customer_id, kind, state, primary_number, rm_staff_id, dedicated_rm_staff_id, rm_assigned)
      SELECT customer_id, 'UNKNOWN', 'MENTIONED', number, assignment.rm_staff_id, assignment.dedicated_rm_staff_id, assignment.customer_id IS NOT NULL
      FROM given LEFT JOIN customer.assignment USING (customer_id)`,
    values: [columns.uuids([...fresh.keys()]), columns.texts([...fresh.values()])],
  });
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
