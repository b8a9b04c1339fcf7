import { registry } from '@bankcrm/proto/descriptors';
import { AccountSnapshot } from '@bankcrm/proto/gen/corebanking/v1/accounts.ts';
import { ControlTotals } from '@bankcrm/proto/gen/corebanking/v1/control.ts';
import { CustomerSnapshot } from '@bankcrm/proto/gen/corebanking/v1/customers.ts';
import { ProductSnapshot } from '@bankcrm/proto/gen/corebanking/v1/products.ts';
import { RateQuoted } from '@bankcrm/proto/gen/corebanking/v1/rates.ts';
import { TransactionPosted } from '@bankcrm/proto/gen/corebanking/v1/transactions.ts';
import { type DescMessage, fromBinary, toJson } from '@bufbuild/protobuf';
import type { BankEvent } from '../world/history.ts';

/** `protobuf` is what a core sends by default; `json` is the proto3 JSON mapping of the same messages. */
export type Format = 'protobuf' | 'json';

/** One Kafka record, before a topic prefix. A missing key is null: only broken messages have none. */
export type BankMessage = { topic: string; key: string | null; value: Buffer; headers: Record<string, string> };

type Described = { topic: string; type: string; message: string; key: string; subject: string; id: string };

/** The record of a fact, with CloudEvents 1.0 headers in Kafka's binary mode. Its `ce_id` is a function of the fact. */
export function encode(event: BankEvent, sourceSystem: string, format: Format): BankMessage {
  const { topic, type, message, key, subject, id } = describe(event);
  return {
    topic,
    key,
    value: format === 'protobuf' ? bytesOf(event) : Buffer.from(JSON.stringify(toJsonOf(message, bytesOf(event)))),
    headers: {
      ce_specversion: '1.0',
      ce_id: id,
      ce_source: `/corebanking/${sourceSystem}`,
      ce_type: type,
      ce_time: event.at.toISOString(),
      ce_subject: subject,
      'content-type': format === 'protobuf' ? 'application/protobuf' : 'application/json',
    },
  };
}

/** The proto3 JSON form of a message given by its name in `corebanking.v1` and its protobuf bytes. */
export function toJsonOf(message: string, bytes: Uint8Array): unknown {
  const schema = descriptorOf(message);
  return toJson(schema, fromBinary(schema, bytes));
}

function descriptorOf(message: string): DescMessage {
  const schema = registry.getMessage(`corebanking.v1.${message}`);
  if (!schema) throw new Error(`the contract has no message ${message}`);
  return schema;
}

function bytesOf(event: BankEvent): Buffer {
  const { buffer, byteOffset, byteLength } = protobufOf(event);
  return Buffer.from(buffer, byteOffset, byteLength);
}

function protobufOf(event: BankEvent): Uint8Array {
  switch (event.type) {
    case 'customer':
      return CustomerSnapshot.encode(event.value).finish();
    case 'account':
      return AccountSnapshot.encode(event.value).finish();
    case 'transaction':
      return TransactionPosted.encode(event.value).finish();
    case 'rate':
      return RateQuoted.encode(event.value).finish();
    case 'product':
      return ProductSnapshot.encode(event.value).finish();
    case 'control':
      return ControlTotals.encode(event.value).finish();
  }
}

function describe(event: BankEvent): Described {
  switch (event.type) {
    case 'customer': {
      const { sourceId, version } = event.value;
      return { ...kinds.customer, key: sourceId, subject: sourceId, id: `customer-${sourceId}-${version}` };
    }
    case 'account': {
      const { sourceId, version, holders } = event.value;
      return {
        ...kinds.account,
        key: holders[0]?.customerSourceId ?? '',
        subject: sourceId,
        id: `account-${sourceId}-${version}`,
      };
    }
    case 'transaction': {
      const { transactionId, customerSourceId } = event.value;
      return { ...kinds.transaction, key: customerSourceId, subject: transactionId, id: `transaction-${transactionId}` };
    }
    case 'rate': {
      const { baseCurrencyCode, quoteCurrencyCode, rateDate, version } = event.value;
      const pair = `${baseCurrencyCode}/${quoteCurrencyCode}`;
      return { ...kinds.rate, key: pair, subject: pair, id: `rate-${pair}-${rateDate}-${version}` };
    }
    case 'product': {
      const { productCode, version } = event.value;
      return { ...kinds.product, key: productCode, subject: productCode, id: `product-${productCode}-${version}` };
    }
    case 'control': {
      const { sourceSystem, controlId } = event.value;
      return { ...kinds.control, key: sourceSystem, subject: sourceSystem, id: `control-${controlId}` };
    }
  }
}

/** Topic, CloudEvents type and protobuf message of each kind of fact. */
export const kinds = {
  customer: { topic: 'corebanking.customers.v1', type: 'corebanking.customer-snapshot.v1', message: 'CustomerSnapshot' },
  account: { topic: 'corebanking.accounts.v1', type: 'corebanking.account-snapshot.v1', message: 'AccountSnapshot' },
  transaction: { topic: 'corebanking.transactions.v1', type: 'corebanking.transaction-posted.v1', message: 'TransactionPosted' },
  rate: { topic: 'corebanking.rates.v1', type: 'corebanking.rate-quoted.v1', message: 'RateQuoted' },
  product: { topic: 'corebanking.products.v1', type: 'corebanking.product-snapshot.v1', message: 'ProductSnapshot' },
  control: { topic: 'corebanking.control.v1', type: 'corebanking.control-totals.v1', message: 'ControlTotals' },
} as const;
