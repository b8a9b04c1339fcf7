import { registry } from '@bankcrm/proto/descriptors';
import { Transaction } from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';
import { fromBinary, toJson } from '@bufbuild/protobuf';
import { expect, it } from 'vitest';
import { transactionOf } from './transaction-row.ts';

const row = {
  transaction_id: '1',
  account_id: '2',
  sequence_text: '1',
  booking_date: '1969-12-31',
  direction: 1,
  currency_code: 'CNY',
  amount_minor: '100',
  balance_after_minor: null,
  kind: 'transfer',
  channel: 'counter',
  counterparty_name: '',
  counterparty_masked: '',
  remark: '',
  reverses_source_transaction_id: '',
  number_masked: null,
} as const;

it.each([
  ['1969-12-31T23:59:58.5+00:00', '1969-12-31T23:59:58.500Z'],
  ['1900-01-01T00:00:00.001+00:00', '1900-01-01T00:00:00.001Z'],
  ['9999-12-31T23:59:59.999+00:00', '9999-12-31T23:59:59.999Z'],
])('a posting of %s is shown as of %s', (post_time, shown) => {
  const bytes = Transaction.encode(transactionOf({ ...row, post_time }, 'customers/1')).finish();
  const schema = registry.getMessage('bankcrm.customer.v1.Transaction')!;
  expect(toJson(schema, fromBinary(schema, bytes))).toMatchObject({ postTime: shown });
});
