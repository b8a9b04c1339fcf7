import type { AccountSnapshot } from '@bankcrm/proto/gen/corebanking/v1/accounts.ts';
import type { CustomerSnapshot } from '@bankcrm/proto/gen/corebanking/v1/customers.ts';
import type { ProductSnapshot } from '@bankcrm/proto/gen/corebanking/v1/products.ts';
import type { TransactionPosted } from '@bankcrm/proto/gen/corebanking/v1/transactions.ts';
import { type BankMessage, kinds } from '../messages/encode.ts';
import { Random } from '../random.ts';
import { rewrite } from './rewrite.ts';

/** Every way in which a message can be unfit to apply. Each has a cause of its own; none is merely odd. */
export const brokenKinds = [
  'bad-protobuf',
  'bad-json',
  'unknown-enum',
  'currency-not-iso',
  'currency-mismatch',
  'amount-out-of-range',
  'time-out-of-range',
  'unknown-type',
  'huge-payload',
  'missing-key',
  'missing-headers',
] as const;
export type BrokenKind = (typeof brokenKinds)[number];

/** int64's largest value: fits the wire, but no account of any bank holds 9.2 × 10^16 of anything. */
const OUT_OF_RANGE = 9_223_372_036_854_775_807n;
/** What .NET takes for no time: JSON can write it, and no bank was open. */
const NO_TIME = new Date('0001-01-01T00:00:00Z');
const ONE_MEBIBYTE = 1_048_576;
/** XTS is reserved by ISO 4217 for tests and never a currency; ZZZ is no code at all. */
const NO_CURRENCY = 'ZZZ';

/**
 * The same message broken in one way; the original is left as it is. Customers and products have no currency or amount that
 * counts, a product's unknown kind is left out and not refused, and rates and totals have no enum: where a kind has nothing to break in a message, gives undefined.
 */
export function breakMessage(kind: BrokenKind, message: BankMessage): BankMessage | undefined {
  switch (kind) {
    case 'bad-protobuf':
      return withHeaders({ ...message, value: overrun(message.value) }, { 'content-type': 'application/protobuf' });
    case 'bad-json':
      return withHeaders(
        { ...message, value: Buffer.from('{"sourceSystem":"core","sourceId":') },
        { 'content-type': 'application/json' },
      );
    case 'unknown-type':
      return withHeaders(message, { ce_type: 'corebanking.something-else.v9' });
    case 'missing-key':
      return { ...message, key: null };
    case 'missing-headers':
      return { ...message, headers: {} };
    case 'unknown-enum':
      return rewrite(message, unknownEnum);
    case 'huge-payload':
      return rewrite(message, huge);
    case 'currency-not-iso':
      return rewrite(message, { account: notIso, transaction: (t) => recurrency(t, NO_CURRENCY, NO_CURRENCY) });
    case 'currency-mismatch':
      return rewrite(message, {
        account: (a) => a.balance && { ...a, balance: { ...a.balance, currencyCode: other(a.currencyCode) } },
        transaction: (t) => recurrency(t, other(t.amount?.currencyCode ?? ''), undefined),
      });
    case 'amount-out-of-range':
      return rewrite(message, {
        account: (a) => a.balance && { ...a, balance: { ...a.balance, minorUnits: OUT_OF_RANGE } },
        transaction: (t) => t.amount && { ...t, amount: { ...t.amount, minorUnits: OUT_OF_RANGE } },
      });
    case 'time-out-of-range':
      return rewrite(message, {
        customer: (c) => ({ ...c, updateTime: NO_TIME }),
        account: (a) => ({ ...a, updateTime: NO_TIME }),
        product: (p) => ({ ...p, updateTime: NO_TIME }),
        transaction: (t) => ({ ...t, postTime: NO_TIME }),
      });
  }
}

const unknownEnum = {
  customer: (c: CustomerSnapshot) => ({ ...c, state: 99 as CustomerSnapshot['state'] }),
  account: (a: AccountSnapshot) => ({ ...a, kind: 99 as AccountSnapshot['kind'] }),
  transaction: (t: TransactionPosted) => ({ ...t, direction: 99 as TransactionPosted['direction'] }),
};

const huge = {
  product: (p: ProductSnapshot) => ({ ...p, displayNameZh: 'x'.repeat(ONE_MEBIBYTE) }),
  customer: (c: CustomerSnapshot) => ({ ...c, segment: 'x'.repeat(ONE_MEBIBYTE) }),
  account: (a: AccountSnapshot) => ({ ...a, productName: 'x'.repeat(ONE_MEBIBYTE) }),
  transaction: (t: TransactionPosted) => ({ ...t, remark: 'x'.repeat(ONE_MEBIBYTE) }),
};

function notIso(account: AccountSnapshot): AccountSnapshot {
  const swap = (amount: AccountSnapshot['balance']) => amount && { ...amount, currencyCode: NO_CURRENCY };
  return {
    ...account,
    currencyCode: NO_CURRENCY,
    balance: swap(account.balance),
    availableBalance: swap(account.availableBalance),
  };
}

function recurrency(t: TransactionPosted, amountCode: string, balanceCode: string | undefined): TransactionPosted {
  return {
    ...t,
    amount: t.amount && { ...t.amount, currencyCode: amountCode },
    balanceAfter: t.balanceAfter && { ...t.balanceAfter, currencyCode: balanceCode ?? t.balanceAfter.currencyCode },
  };
}

function other(currencyCode: string): string {
  return currencyCode === 'USD' ? 'CNY' : 'USD';
}

/** One more field whose length points far behind the end, which no decoder can accept. */
function overrun(value: Buffer): Buffer {
  return Buffer.concat([value, Buffer.from([0x0a, 0xff, 0xff, 0xff, 0x7f])]);
}

function withHeaders(message: BankMessage, headers: Record<string, string>): BankMessage {
  return { ...message, headers: { ...message.headers, ...headers } };
}

/**
 * Adds a broken copy after a share of messages, kind after kind. The copies have a `ce_id` of their own and stand for
 * nothing true: the ledger does not know them.
 */
export function* withBroken(
  messages: Iterable<BankMessage>,
  options: { seed: number; share: number; kinds?: readonly BrokenKind[] },
): Generator<BankMessage> {
  const random = new Random(options.seed, 103);
  const wanted = options.kinds ?? brokenKinds;
  let turn = 0;
  for (const message of messages) {
    yield message;
    if (!breakable.has(message.topic) || !random.chance(options.share)) continue;
    const kind = wanted[turn % wanted.length] as BrokenKind;
    const broken = breakMessage(kind, message);
    if (!broken) continue;
    turn++;
    yield broken.headers.ce_id ? withHeaders(broken, { ce_id: `${broken.headers.ce_id}-${kind}-${turn}` }) : broken;
  }
}

const breakable = new Set<string>([kinds.customer.topic, kinds.account.topic, kinds.transaction.topic, kinds.product.topic]);
