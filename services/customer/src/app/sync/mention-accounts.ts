import type { DerivedIds } from '@bankcrm/contract';
import { columns, type Tx } from '@bankcrm/database';
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
  ids: DerivedIds,
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
  await removeCommitted(committed, known, ids, accounts, customers);
  const named = [...new Set([...accounts.values(), ...customers.values()])];
  if (named.length === 0) return;
  await mentionParties(
    tx,
    named.map(({ sourceSystem, customerSourceId }) => partyKey(sourceSystem, customerSourceId)),
  );
  if (accounts.size > 0) await insertMentioned(tx, ids, [...accounts.values()]);
}

/** Asks for what is missing, by its place among those asked for: nearly always nothing, where an answer of what is there would be long. */
async function removeCommitted(
  committed: Committed,
  known: SyncDeps['known'],
  ids: DerivedIds,
  accounts: Map<string, AccountMention>,
  customers: Map<string, AccountMention>,
): Promise<void> {
  const { rows } = await committed.query<{ missing: 'account' | 'party'; place: number }>({
    name: 'not-committed',
    text: `
      SELECT 'account' AS missing, place::int4 FROM unnest($1::uuid[]) WITH ORDINALITY AS asked (id, place)
      WHERE NOT EXISTS (SELECT FROM customer.account WHERE account_id = asked.id)
      UNION ALL
      SELECT 'party', place::int4 FROM unnest($2::uuid[]) WITH ORDINALITY AS asked (id, place)
      WHERE NOT EXISTS (SELECT FROM customer.party WHERE party_id = asked.id)`,
    values: [
      columns.uuids([...accounts.values()], (mention) => ids.account(mention.sourceSystem, mention.accountSourceId)),
      columns.uuids([...customers.values()], (mention) => ids.party(mention.sourceSystem, mention.customerSourceId)),
    ],
  });
  const missing = { account: new Set<number>(), party: new Set<number>() };
  for (const row of rows) missing[row.missing].add(row.place);
  keepMissing(known, accounts, missing.account);
  keepMissing(known, customers, missing.party);
}

function keepMissing(known: SyncDeps['known'], mentions: Map<string, AccountMention>, missing: ReadonlySet<number>): void {
  const found = [...mentions.keys()].filter((_, index) => !missing.has(index + 1));
  known.add(found);
  for (const key of found) mentions.delete(key);
}

async function insertMentioned(tx: Tx, ids: DerivedIds, mentions: readonly AccountMention[]): Promise<void> {
  const rows = mentions
    .map((mention) => ({
      ...mention,
      accountId: ids.account(mention.sourceSystem, mention.accountSourceId),
      partyId: ids.party(mention.sourceSystem, mention.customerSourceId),
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
