import { maskAccountNumber, normaliseAccountNumber } from '@bankcrm/access';
import { columns, type Tx } from '@bankcrm/database';
import { deriveIdBytes, formatUuid } from '@bankcrm/kernel';
import type { TransactionPosted } from '@bankcrm/proto/gen/corebanking/v1/transactions.ts';
import type { SyncDeps } from './deps.ts';
import { type Committed, mentionAccounts } from './mention-accounts.ts';
import { sortById } from './order.ts';

/** Appends postings; one received before changes nothing. Accounts and customers not heard of are mentioned. */
export async function applyTransactions(
  tx: Tx,
  deps: SyncDeps,
  committed: Committed,
  postings: readonly TransactionPosted[],
): Promise<void> {
  await mentionAccounts(tx, deps, committed, postings);
  const rows = sortById(
    postings.map((posted) => ({
      posted,
      transactionId: deriveIdBytes('transaction', posted.sourceSystem, posted.transactionId),
    })),
    ({ transactionId }) => transactionId,
  );
  const of = <T>(read: (posted: TransactionPosted) => T): T[] => rows.map(({ posted }) => read(posted));

  const accountIds = idsOf('account');
  const partyIds = idsOf('party');
  const counterparties = rows.map(({ posted, transactionId }) => sealedCounterparty(deps, posted, transactionId));
  await tx.query({
    name: 'append-transactions',
    text: `
      INSERT INTO customer.transaction (transaction_id, account_id, party_id, sequence, post_time, booking_date, direction, currency_code, amount_minor,
        balance_after_minor, kind, channel, counterparty_name, counterparty_masked, counterparty_sealed, remark, source_transaction_id,
        reverses_source_transaction_id)
      SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::int8[], $5::timestamptz[], $6::date[], $7::int4[], $8::text[], $9::int8[],
        $10::int8[], $11::text[], $12::text[], $13::text[], $14::text[], $15::bytea[], $16::text[], $17::text[], $18::text[])
      ON CONFLICT (transaction_id) DO NOTHING`,
    values: [
      columns.uuids(rows.map(({ transactionId }) => transactionId)),
      columns.uuids(of((posted) => accountIds(posted.sourceSystem, posted.accountSourceId))),
      columns.uuids(of((posted) => partyIds(posted.sourceSystem, posted.customerSourceId))),
      columns.int8s(of(({ sequence }) => sequence)),
      columns.timestamps(of(({ postTime }) => postTime!)),
      columns.dates(of(({ bookingDate }) => bookingDate)),
      columns.int4s(of(({ direction }) => direction)),
      columns.texts(of(({ amount }) => amount!.currencyCode)),
      columns.int8s(of(({ amount }) => amount!.minorUnits)),
      columns.int8s(of(({ balanceAfter }) => balanceAfter?.minorUnits ?? null)),
      columns.texts(of(({ kind }) => kind)),
      columns.texts(of(({ channel }) => channel)),
      columns.texts(of(({ counterpartyName }) => counterpartyName)),
      columns.texts(counterparties.map(({ masked }) => masked)),
      columns.byteas(counterparties.map(({ sealed }) => sealed)),
      columns.texts(of(({ remark }) => remark)),
      columns.texts(of(({ transactionId }) => transactionId)),
      columns.texts(of(({ reversesTransactionId }) => reversesTransactionId)),
    ],
  });
}

/** Derives ids, each key of a batch once. */
function idsOf(thing: 'account' | 'party'): (sourceSystem: string, sourceId: string) => Buffer {
  const ids = new Map<string, Buffer>();
  return (sourceSystem, sourceId) => {
    const key = `${sourceSystem}/${sourceId}`;
    let id = ids.get(key);
    if (id === undefined) {
      id = deriveIdBytes(thing, sourceSystem, sourceId);
      ids.set(key, id);
    }
    return id;
  };
}

function sealedCounterparty({ crypto }: SyncDeps, { counterpartyAccount }: TransactionPosted, transactionId: Buffer) {
  const normalised = counterpartyAccount === '' ? '' : normaliseAccountNumber(counterpartyAccount);
  if (normalised === '') return { masked: '', sealed: null };
  const place = { table: 'customer.transaction', column: 'counterparty_sealed', rowId: formatUuid(transactionId) };
  return { masked: maskAccountNumber(normalised), sealed: crypto.seal(counterpartyAccount, place) };
}
