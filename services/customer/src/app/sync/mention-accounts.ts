import { columns, type Tx } from '@bankcrm/database';
import { deriveIdBytes } from '@bankcrm/kernel';
import type { SyncDeps } from './deps.ts';
import { mentionParties, partyKey } from './mention-parties.ts';
import { byBytes } from './order.ts';

/** An account and its primary holder, as a transaction names them. */
export interface AccountMention {
  sourceSystem: string;
  accountSourceId: string;
  customerSourceId: string;
}

const accountKey = ({ sourceSystem, accountSourceId }: AccountMention): string => `a/${sourceSystem}/${accountSourceId}`;
const customerKey = ({ sourceSystem, customerSourceId }: AccountMention): string => `c/${sourceSystem}/${customerSourceId}`;

/** Asks for keys that are committed: a connection beside the open transaction, which may yet roll back what it sees. */
export type Committed = { query: Tx['query'] };

/**
 * Makes sure that the accounts and customers which transactions name exist. An account not heard of gets a row without content, owned by
 * the customer named, until its own snapshot comes. What is found committed is remembered and not asked for again.
 */
export async function mentionAccounts(
  tx: Tx,
  { known }: Pick<SyncDeps, 'known'>,
  committed: Committed,
  mentions: Iterable<AccountMention>,
): Promise<void> {
  const accounts = new Map<string, AccountMention>();
  const customers = new Map<string, AccountMention>();
  let last: AccountMention | undefined;
  for (const mention of mentions) {
    // A customer's postings stand together: most name what the one before has named.
    const isRepeated =
      last?.accountSourceId === mention.accountSourceId &&
      last.customerSourceId === mention.customerSourceId &&
      last.sourceSystem === mention.sourceSystem;
    last = mention;
    if (isRepeated) continue;
    const account = accountKey(mention);
    if (!known.has(account)) accounts.set(account, mention);
    const customer = customerKey(mention);
    if (!known.has(customer)) customers.set(customer, mention);
  }
  if (accounts.size === 0 && customers.size === 0) return;
  await removeCommitted(committed, known, accounts, 'account', (mention) =>
    deriveIdBytes('account', mention.sourceSystem, mention.accountSourceId),
  );
  await removeCommitted(committed, known, customers, 'party', (mention) =>
    deriveIdBytes('party', mention.sourceSystem, mention.customerSourceId),
  );
  const named = [...new Set([...accounts.values(), ...customers.values()])];
  if (named.length === 0) return;
  await mentionParties(
    tx,
    named.map(({ sourceSystem, customerSourceId }) => partyKey(sourceSystem, customerSourceId)),
  );
  if (accounts.size > 0) await insertMentioned(tx, [...accounts.values()]);
}

async function removeCommitted(
  committed: Committed,
  known: SyncDeps['known'],
  mentions: Map<string, AccountMention>,
  table: 'account' | 'party',
  idOf: (mention: AccountMention) => Buffer,
): Promise<void> {
  if (mentions.size === 0) return;
  const keys = new Map<string, string>();
  const ids = [...mentions].map(([key, mention]) => {
    const id = idOf(mention);
    keys.set(id.toString('hex'), key);
    return id;
  });
  const { rows } = await committed.query<{ id: string }>({
    name: `committed-${table}`,
    text: `SELECT ${table}_id AS id FROM customer.${table} WHERE ${table}_id = ANY ($1::uuid[])`,
    values: [columns.uuids(ids)],
  });
  const found = rows.map(({ id }) => keys.get(id.replaceAll('-', ''))!);
  known.add(found);
  for (const key of found) mentions.delete(key);
}

async function insertMentioned(tx: Tx, mentions: readonly AccountMention[]): Promise<void> {
  const rows = mentions
    .map((mention) => ({
      ...mention,
      accountId: deriveIdBytes('account', mention.sourceSystem, mention.accountSourceId),
      partyId: deriveIdBytes('party', mention.sourceSystem, mention.customerSourceId),
    }))
    .sort((a, b) => byBytes(a.accountId, b.accountId));
  await tx.query({
    name: 'insert-mentioned-accounts',
    text: `
      WITH given AS (
        SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[]) AS given (account_id, source_system, source_id, party_id)
      ), made AS (
        INSERT INTO customer.account (account_id, source_system, source_id, version, kind, state, holder_count)
        SELECT account_id, source_system, source_id, 0, 'unknown', 'mentioned', 1 FROM given
        ON CONFLICT (account_id) DO NOTHING
        RETURNING account_id
      )
      INSERT INTO customer.holder (party_id, account_id, role)
      SELECT given.party_id, given.account_id, 1 FROM given JOIN made USING (account_id)
      ON CONFLICT DO NOTHING`,
    values: [
      columns.uuids(rows.map(({ accountId }) => accountId)),
      columns.texts(rows.map(({ sourceSystem }) => sourceSystem)),
      columns.texts(rows.map(({ accountSourceId }) => accountSourceId)),
      columns.uuids(rows.map(({ partyId }) => partyId)),
    ],
  });
}
