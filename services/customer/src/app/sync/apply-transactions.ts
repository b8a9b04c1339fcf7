import { maskAccountNumber } from '@bankcrm/access/masking';
import { normaliseAccountNumber } from '@bankcrm/access/normalise';
import { type DerivedIds, derivedIds } from '@bankcrm/contract';
import { capitalCode, cleanLines, cleanText, cutText, postingLimits as limits, postingCode } from '@bankcrm/contract/domain';
import { columns, type Tx } from '@bankcrm/database';
import { deriveIdBytes, formatUuid } from '@bankcrm/kernel';
import type { TransactionPosted } from '@bankcrm/proto/gen/corebanking/v1/transactions.ts';
import type { SyncDeps } from './deps.ts';
import { type Committed, mentionAccounts } from './mention-accounts.ts';
import { sortById } from './order.ts';

/** One posting on its way into its row. */
interface Row {
  posted: TransactionPosted;
  transactionId: Buffer;
  accountId: Buffer;
  partyId: Buffer;
  counterpartyMasked: string;
  counterpartySealed: Buffer | null;
}

/** Appends postings; one received before changes nothing. Accounts and customers not heard of are mentioned. */
export async function applyTransactions(
  tx: Tx,
  deps: SyncDeps,
  committed: Committed,
  postings: readonly TransactionPosted[],
): Promise<void> {
  const ids = derivedIds();
  await mentionAccounts(tx, deps, committed, ids, postings);
  // Returned, not awaited: the postings may go while PostgreSQL writes.
  return append(tx, columnsOf(rowsOf(deps, ids, postings)));
}

/** One array for each column of `append-transactions`. */
const columnsOf = (rows: readonly Row[]): Buffer[] => [
  columns.uuids(rows, (row) => row.transactionId),
  columns.uuids(rows, (row) => row.accountId),
  columns.uuids(rows, (row) => row.partyId),
  columns.int8s(rows, ({ posted }) => posted.sequence),
  columns.timestamps(rows, ({ posted }) => posted.postTime!),
  columns.dates(rows, ({ posted }) => posted.bookingDate),
  columns.int4s(rows, ({ posted }) => posted.direction),
  columns.texts(rows, ({ posted }) => capitalCode(posted.amount!.currencyCode)),
  columns.int8s(rows, ({ posted }) => posted.amount!.minorUnits),
  columns.int8s(rows, ({ posted }) => posted.balanceAfter?.minorUnits ?? null),
  columns.texts(rows, ({ posted }) => postingCode(posted.kind)),
  columns.texts(rows, ({ posted }) => postingCode(posted.channel)),
  columns.texts(rows, ({ posted }) => cutText(cleanText(posted.counterpartyName), limits.counterpartyName)),
  columns.texts(rows, (row) => row.counterpartyMasked),
  columns.byteas(rows, (row) => row.counterpartySealed),
  columns.texts(rows, ({ posted }) => cutText(cleanLines(posted.remark), limits.remark)),
  columns.texts(rows, ({ posted }) => posted.transactionId),
  columns.texts(rows, ({ posted }) => posted.reversesTransactionId),
];

async function append(tx: Tx, values: Buffer[]): Promise<void> {
  await tx.query({
    name: 'append-transactions',
    // Sets in the target list run in step, and without the copy of all rows that a function in FROM makes first.
    text: `
      INSERT INTO customer.transaction (transaction_id, account_id, party_id, sequence, post_time, booking_date, direction, currency_code, amount_minor,
        balance_after_minor, kind, channel, counterparty_name, counterparty_masked, counterparty_sealed, remark, source_transaction_id,
        reverses_source_transaction_id)
      SELECT unnest($1::uuid[]), unnest($2::uuid[]), unnest($3::uuid[]), unnest($4::int8[]), unnest($5::timestamptz[]), unnest($6::date[]),
        unnest($7::int4[]), unnest($8::text[]), unnest($9::int8[]), unnest($10::int8[]), unnest($11::text[]), unnest($12::text[]),
        unnest($13::text[]), unnest($14::text[]), unnest($15::bytea[]), unnest($16::text[]), unnest($17::text[]), unnest($18::text[])
      ON CONFLICT (transaction_id) DO NOTHING`,
    values,
  });
}

function rowsOf({ fields }: SyncDeps, ids: DerivedIds, postings: readonly TransactionPosted[]): Row[] {
  const rows = postings.map((posted): Row => {
    const transactionId = deriveIdBytes('transaction', posted.sourceSystem, posted.transactionId);
    const account = cleanText(posted.counterpartyAccount);
    // The beginning of a number would be another one.
    const counterparty = account === '' || account.length > limits.counterpartyAccount ? '' : normaliseAccountNumber(account);
    return {
      posted,
      transactionId,
      accountId: ids.account(posted.sourceSystem, posted.accountSourceId),
      partyId: ids.party(posted.sourceSystem, posted.customerSourceId),
      counterpartyMasked: counterparty === '' ? '' : maskAccountNumber(counterparty),
      counterpartySealed: counterparty === '' ? null : fields.seal(account, sealedAt(transactionId)),
    };
  });
  return sortById(rows, ({ transactionId }) => transactionId);
}

const sealedAt = (transactionId: Buffer) => ({
  table: 'customer.transaction',
  column: 'counterparty_sealed',
  rowId: formatUuid(transactionId),
});
