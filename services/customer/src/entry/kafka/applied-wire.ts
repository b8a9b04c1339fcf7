import { encodable } from '@bankcrm/contract/domain';
import type { Decoded } from '@bankcrm/events';
import { AccountSnapshot } from '@bankcrm/proto/gen/corebanking/v1/accounts.ts';
import { CustomerSnapshot } from '@bankcrm/proto/gen/corebanking/v1/customers.ts';
import { ProductSnapshot } from '@bankcrm/proto/gen/corebanking/v1/products.ts';
import { RateQuoted } from '@bankcrm/proto/gen/corebanking/v1/rates.ts';
import { TransactionPosted } from '@bankcrm/proto/gen/corebanking/v1/transactions.ts';
import type { Incoming } from '../../app/sync/incoming.ts';
import { contractOf } from './decode.ts';

/** An applied message of core banking as its other readers take it, in protobuf whatever it came in; undefined for what they do not read. */
export function wireOf({ raw, value }: Decoded<Incoming>): { type: string; key: string; payload: Uint8Array } | undefined {
  const payload = encoded(value);
  if (payload === undefined) return undefined;
  const { eventType, keyOf } = contractOf(raw.topic)!;
  return { type: eventType, key: keyOf(value.message), payload };
}

function encoded({ kind, message }: Incoming): Uint8Array | undefined {
  switch (kind) {
    case 'customer':
      return CustomerSnapshot.encode(encodable(message)).finish();
    case 'account':
      return AccountSnapshot.encode(message).finish();
    case 'transaction':
      return TransactionPosted.encode(message).finish();
    case 'product':
      return ProductSnapshot.encode(message).finish();
    case 'rate':
      return RateQuoted.encode(message).finish();
    default:
      return undefined;
  }
}
