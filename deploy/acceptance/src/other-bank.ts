import { AccountSnapshot } from '@bankcrm/proto/gen/corebanking/v1/accounts.ts';
import { CustomerSnapshot } from '@bankcrm/proto/gen/corebanking/v1/customers.ts';
import { TransactionPosted } from '@bankcrm/proto/gen/corebanking/v1/transactions.ts';
import { type BankMessage, kinds } from '@bankcrm/simulator';

type Rename = (id: string) => string;
const unless =
  (rename: Rename): Rename =>
  (id) =>
    id === '' ? '' : rename(id);

const customer = (value: CustomerSnapshot, rename: Rename): CustomerSnapshot => ({ ...value, sourceId: rename(value.sourceId) });

const account = (value: AccountSnapshot, rename: Rename): AccountSnapshot => ({
  ...value,
  sourceId: rename(value.sourceId),
  holders: value.holders.map((holder) => ({ ...holder, customerSourceId: rename(holder.customerSourceId) })),
  linkedAccountSourceId: unless(rename)(value.linkedAccountSourceId),
});

const transaction = (value: TransactionPosted, rename: Rename): TransactionPosted => ({
  ...value,
  transactionId: rename(value.transactionId),
  accountSourceId: rename(value.accountSourceId),
  customerSourceId: rename(value.customerSourceId),
  reversesTransactionId: unless(rename)(value.reversesTransactionId),
});

/**
 * A simulated bank's messages under other customer, account and transaction numbers, so that it can be taken in beside the demo bank, whose
 * numbers begin alike. What is neither a customer, an account nor a transaction is left out.
 */
export function* renumbered(messages: Iterable<BankMessage>, rename: Rename): Generator<BankMessage> {
  for (const message of messages) {
    const value = rewritten(message, rename);
    if (value === undefined) continue;
    const { headers, key } = message;
    const named = { ce_id: rename(headers.ce_id ?? ''), ce_subject: rename(headers.ce_subject ?? '') };
    yield { ...message, key: rename(key ?? ''), value: Buffer.from(value), headers: { ...headers, ...named } };
  }
}

function rewritten({ headers, value }: BankMessage, rename: Rename): Uint8Array | undefined {
  switch (headers.ce_type) {
    case kinds.customer.type:
      return CustomerSnapshot.encode(customer(CustomerSnapshot.decode(value), rename)).finish();
    case kinds.account.type:
      return AccountSnapshot.encode(account(AccountSnapshot.decode(value), rename)).finish();
    case kinds.transaction.type:
      return TransactionPosted.encode(transaction(TransactionPosted.decode(value), rename)).finish();
    default:
      return undefined;
  }
}
