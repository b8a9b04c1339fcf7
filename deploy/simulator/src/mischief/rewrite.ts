import { registry } from '@bankcrm/proto/descriptors';
import { AccountSnapshot } from '@bankcrm/proto/gen/corebanking/v1/accounts.ts';
import { CustomerSnapshot } from '@bankcrm/proto/gen/corebanking/v1/customers.ts';
import { ProductSnapshot } from '@bankcrm/proto/gen/corebanking/v1/products.ts';
import { TransactionPosted } from '@bankcrm/proto/gen/corebanking/v1/transactions.ts';
import { type DescMessage, fromJsonString, toBinary } from '@bufbuild/protobuf';
import { type BankMessage, kinds, toJsonOf } from '../messages/encode.ts';

/** What to change in each kind of message; a kind left out, or a result of undefined, means: nothing to change here. */
export type Changes = {
  customer?: (value: CustomerSnapshot) => CustomerSnapshot | undefined;
  account?: (value: AccountSnapshot) => AccountSnapshot | undefined;
  product?: (value: ProductSnapshot) => ProductSnapshot | undefined;
  transaction?: (value: TransactionPosted) => TransactionPosted | undefined;
};

/** Decodes a message's payload, changes it and encodes it again in the format it came in. */
export function rewrite(message: BankMessage, changes: Changes): BankMessage | undefined {
  switch (message.headers.ce_type) {
    case kinds.customer.type:
      return changes.customer && changed(message, kinds.customer.message, CustomerSnapshot, changes.customer);
    case kinds.account.type:
      return changes.account && changed(message, kinds.account.message, AccountSnapshot, changes.account);
    case kinds.transaction.type:
      return changes.transaction && changed(message, kinds.transaction.message, TransactionPosted, changes.transaction);
    case kinds.product.type:
      return changes.product && changed(message, kinds.product.message, ProductSnapshot, changes.product);
    default:
      return undefined;
  }
}

type Codec<T> = { decode(bytes: Uint8Array): T; encode(value: T): { finish(): Uint8Array } };

function changed<T>(
  message: BankMessage,
  name: string,
  codec: Codec<T>,
  change: (value: T) => T | undefined,
): BankMessage | undefined {
  const json = message.headers['content-type'] === 'application/json';
  const schema = registry.getMessage(`corebanking.v1.${name}`) as DescMessage;
  const bytes = json ? toBinary(schema, fromJsonString(schema, message.value.toString('utf8'))) : message.value;
  const value = change(codec.decode(bytes));
  if (value === undefined) return undefined;
  const rewritten = codec.encode(value).finish();
  return { ...message, value: Buffer.from(json ? JSON.stringify(toJsonOf(name, rewritten)) : rewritten) };
}
