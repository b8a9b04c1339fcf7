import { maskAccountNumber } from '@bankcrm/access/masking';
import { normaliseAccountNumber } from '@bankcrm/access/normalise';
import { accountKind, accountState, type Tidied, tidyAccount } from '@bankcrm/contract/domain';
import { columns, type Tx } from '@bankcrm/database';
import { deriveIdBytes, formatUuid } from '@bankcrm/kernel';
import { AccountSnapshot } from '@bankcrm/proto/gen/corebanking/v1/accounts.ts';
import { newestByKey } from '../../domain/newest.ts';
import { contentHash } from '../golden-record/content-hash.ts';
import { recomputeSummaries } from '../golden-record/recompute-summaries.ts';
import type { SyncDeps } from './deps.ts';
import { type MentionedParty, mentionParties, type PartyKey, partyKeys } from './mention-parties.ts';
import { byBytes } from './order.ts';
import { writeHolders } from './write-holders.ts';

interface Incoming extends Tidied<AccountSnapshot> {
  accountId: Buffer;
  content: Buffer;
}

/**
 * Applies account snapshots: the newest of each account with its holders, and what the holders' lists sort by. Holders not heard of before are
 * mentioned. An older version changes nothing, the same version only where a repair differs.
 */
export async function applyAccounts(tx: Tx, deps: SyncDeps, snapshots: readonly AccountSnapshot[], now: Date): Promise<void> {
  const newest = [...newestByKey(snapshots, ({ sourceSystem, sourceId }) => `${sourceSystem}/${sourceId}`).values()];
  const accounts = newest
    .map((snapshot): Incoming => {
      const { sourceSystem, sourceId } = snapshot;
      // Whether it was asked for is no part of what it says.
      const content = Buffer.from(AccountSnapshot.encode({ ...snapshot, repair: false }).finish());
      return { accountId: deriveIdBytes('account', sourceSystem, sourceId), ...tidyAccount(snapshot), content };
    })
    .sort((a, b) => byBytes(a.accountId, b.accountId));
  const keyOf = partyKeys();
  const parties = await mentionParties(
    tx,
    newest.flatMap(({ sourceSystem, holders }) => holders.map(({ customerSourceId }) => keyOf(sourceSystem, customerSourceId))),
  );

  const changed = await upsertAccounts(tx, deps, accounts, now);
  if (changed.size === 0) return;
  const applied = accounts.filter(({ accountId }) => changed.has(formatUuid(accountId)));
  const formerHolders = await writeHolders(
    tx,
    applied.map(({ accountId, snapshot }) => ({ accountId, isNew: changed.get(formatUuid(accountId)) === true, ...snapshot })),
    keyOf,
  );
  await recomputeSummaries(tx, deps, await customersOf(tx, parties, keyOf, applied, formerHolders), now);
}

/** Ids of the accounts that were written; true for those that were not there before. */
async function upsertAccounts(tx: Tx, deps: SyncDeps, accounts: readonly Incoming[], now: Date): Promise<Map<string, boolean>> {
  const of = <T>(read: (snapshot: AccountSnapshot) => T): T[] => accounts.map(({ snapshot }) => read(snapshot));
  const date = (text: string): string | null => (text === '' ? null : text);
  const numbers = accounts.map((account) => sealedNumber(deps, account));
  const repairs = accounts.filter(({ snapshot }) => snapshot.repair).map(({ accountId }) => accountId);
  const { rows } = await tx.query<{ account_id: string; is_new: boolean }>({
    name: 'upsert-accounts',
    text: `
      INSERT INTO customer.account AS account (account_id, source_system, source_id, version, kind, state, number_masked, number_sealed, number_index,
        index_version, product_code, product_name, currency_code, balance_minor, available_minor, credit_limit_minor, principal_minor,
        annual_rate_micros, open_date, maturity_date, close_date, frozen, dormant, days_past_due, branch_code, linked_account_id, holder_count,
        content_hash, source_time, update_time, flags, transaction_limits)
      SELECT account_id, source_system, source_id, version, kind, state, number_masked, number_sealed, number_index, $29, product_code,
        product_name, currency_code, balance_minor, available_minor, credit_limit_minor, principal_minor, annual_rate_micros, open_date,
        maturity_date, close_date, frozen, dormant, days_past_due, branch_code, linked_account_id, holder_count, content_hash, source_time, $30,
        string_to_array(flags, ','), transaction_limits::jsonb
      FROM unnest($1::uuid[], $2::text[], $3::text[], $4::int8[], $5::text[], $6::text[], $7::text[], $8::bytea[], $9::bytea[], $10::text[],
        $11::text[], $12::text[], $13::int8[], $14::int8[], $15::int8[], $16::int8[], $17::int8[], $18::date[], $19::date[], $20::date[],
        $21::bool[], $22::bool[], $23::int4[], $24::text[], $25::uuid[], $26::int4[], $27::bytea[], $28::timestamptz[], $32::text[], $33::text[])
        AS given (account_id, source_system, source_id, version, kind, state, number_masked, number_sealed, number_index, product_code,
          product_name, currency_code, balance_minor, available_minor, credit_limit_minor, principal_minor, annual_rate_micros, open_date,
          maturity_date, close_date, frozen, dormant, days_past_due, branch_code, linked_account_id, holder_count, content_hash, source_time, flags,
          transaction_limits)
      ON CONFLICT (account_id) DO UPDATE SET version = excluded.version, kind = excluded.kind, state = excluded.state,
        number_masked = excluded.number_masked, number_sealed = excluded.number_sealed, number_index = excluded.number_index,
        index_version = excluded.index_version, product_code = excluded.product_code, product_name = excluded.product_name,
        currency_code = excluded.currency_code, balance_minor = excluded.balance_minor, available_minor = excluded.available_minor,
        credit_limit_minor = excluded.credit_limit_minor, principal_minor = excluded.principal_minor,
        annual_rate_micros = excluded.annual_rate_micros, open_date = excluded.open_date, maturity_date = excluded.maturity_date,
        close_date = excluded.close_date, frozen = excluded.frozen, dormant = excluded.dormant, days_past_due = excluded.days_past_due,
        branch_code = excluded.branch_code, linked_account_id = excluded.linked_account_id, holder_count = excluded.holder_count,
        content_hash = excluded.content_hash, source_time = excluded.source_time, update_time = excluded.update_time,
        flags = excluded.flags, transaction_limits = excluded.transaction_limits
      WHERE account.version < excluded.version OR (account.version = excluded.version AND account.account_id = ANY ($31::uuid[])
        AND account.content_hash IS DISTINCT FROM excluded.content_hash)
      RETURNING account_id, old.account_id IS NULL AS is_new`,
    values: [
      columns.uuids(accounts.map(({ accountId }) => accountId)),
      columns.texts(of(({ sourceSystem }) => sourceSystem)),
      columns.texts(of(({ sourceId }) => sourceId)),
      columns.int8s(of(({ version }) => version)),
      columns.texts(of(({ kind }) => accountKind(kind))),
      columns.texts(of(({ state }) => accountState(state))),
      columns.texts(numbers.map(({ masked }) => masked)),
      columns.byteas(numbers.map(({ sealed }) => sealed)),
      columns.byteas(numbers.map(({ index }) => index)),
      columns.texts(of(({ productCode }) => productCode)),
      columns.texts(of(({ productName }) => productName)),
      columns.texts(of(({ currencyCode }) => currencyCode)),
      columns.int8s(of(({ balance }) => balance?.minorUnits ?? null)),
      columns.int8s(of(({ availableBalance }) => availableBalance?.minorUnits ?? null)),
      columns.int8s(of(({ creditLimit }) => creditLimit?.minorUnits ?? null)),
      columns.int8s(of(({ principal }) => principal?.minorUnits ?? null)),
      columns.int8s(of(({ annualRateMicros }) => annualRateMicros)),
      columns.dates(of(({ openDate }) => date(openDate))),
      columns.dates(of(({ maturityDate }) => date(maturityDate))),
      columns.dates(of(({ closeDate }) => date(closeDate))),
      columns.bools(of(({ frozen }) => frozen)),
      columns.bools(of(({ dormant }) => dormant)),
      columns.int4s(of(({ daysPastDue }) => daysPastDue)),
      columns.texts(of(({ branchCode }) => branchCode)),
      columns.uuids(
        of(({ sourceSystem, linkedAccountSourceId: linked }) =>
          linked === '' ? null : deriveIdBytes('account', sourceSystem, linked),
        ),
      ),
      columns.int4s(of(({ holders }) => new Set(holders.map(({ customerSourceId }) => customerSourceId)).size)),
      columns.byteas(accounts.map(({ content }) => contentHash(deps.auditKeys, content))),
      columns.timestamps(of(({ updateTime }) => updateTime ?? null)),
      deps.index.currentVersion,
      now,
      columns.uuids(repairs),
      columns.texts(accounts.map(({ oddities }) => oddities.join())),
      columns.texts(of(storedLimits)),
    ],
  });
  return new Map(rows.map(({ account_id, is_new }) => [account_id, is_new]));
}

/** Amounts as text: JSON numbers lose digits. Most accounts have none. */
const storedLimits = ({ limits }: AccountSnapshot): string =>
  limits.length === 0
    ? '[]'
    : JSON.stringify(
        limits.map(({ kind, channel, limit }) => ({
          kind,
          channel,
          currency_code: limit!.currencyCode,
          minor_units: String(limit!.minorUnits),
        })),
      );

function sealedNumber({ fields, index }: SyncDeps, { accountId, snapshot: { number } }: Incoming) {
  const normalised = normaliseAccountNumber(number);
  if (normalised === '') return { masked: '', sealed: null, index: null };
  return {
    masked: maskAccountNumber(normalised),
    sealed: fields.seal(number, { table: 'customer.account', column: 'number_sealed', rowId: formatUuid(accountId) }),
    index: index.of('account', normalised),
  };
}

/** Customers whose totals the accounts concern: those who hold one now, and those who did. */
async function customersOf(
  tx: Tx,
  parties: ReadonlyMap<string, MentionedParty>,
  keyOf: (sourceSystem: string, sourceId: string) => PartyKey,
  applied: readonly Incoming[],
  formerHolders: readonly string[],
): Promise<string[]> {
  const customerIds = new Set<string>();
  for (const { snapshot } of applied) {
    for (const { customerSourceId } of snapshot.holders) {
      const { partyId } = keyOf(snapshot.sourceSystem, customerSourceId);
      customerIds.add(parties.get(partyId.toString('hex'))!.customerId);
    }
  }
  if (formerHolders.length > 0) {
    const { rows } = await tx.query<{ customer_id: string }>({
      name: 'customers-of-parties',
      text: 'SELECT DISTINCT customer_id FROM customer.party WHERE party_id = ANY ($1::uuid[])',
      values: [columns.uuids([...formerHolders])],
    });
    for (const { customer_id } of rows) customerIds.add(customer_id);
  }
  return [...customerIds];
}
