import type { Holding } from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';
import { moneyOf } from './money.ts';

/** A holding as `customer.view_360` gives it. Of an account that the customer may only sign for, no owner being in sight, it has what the masked line of it needs. */
export interface HoldingRow {
  account_id: string;
  kind: string;
  state: string;
  number_masked: string;
  product_code: string;
  product_name: string;
  currency_code: string;
  role: number;
  balance_minor: string | null;
  available_minor: string | null;
  credit_limit_minor: string | null;
  principal_minor: string | null;
  annual_rate_micros: string | null;
  open_date: string | null;
  maturity_date: string | null;
  frozen: boolean;
  dormant: boolean;
  days_past_due: number;
  holder_count: number;
  branch_code: string;
  linked_account_id: string | null;
  update_time: string | null;
  source_system: string;
  source_time: string | null;
  flags: string[];
  transaction_limits: readonly { kind: string; channel: string; currency_code: string; minor_units: string }[];
  product_id: string | null;
}

const roles: Readonly<Record<number, string>> = { 1: 'owner', 2: 'joint-owner', 3: 'authorised-signer' };
export const roleName = (role: number): string => roles[role] ?? '';

/** `customer` is `customers/{uuid}`. Without the permission for financial data no amount, limit, rate, maturity or arrears are in it. */
export function holdingOf(row: HoldingRow, customer: string, financials: boolean): Holding {
  const amount = (minorUnits: string | null) => (financials ? moneyOf(row.currency_code, minorUnits) : undefined);
  return {
    name: `${customer}/holdings/${row.account_id}`,
    kind: row.kind,
    state: row.state,
    maskedNumber: row.number_masked,
    productCode: row.product_code,
    productName: row.product_name,
    balance: amount(row.balance_minor),
    availableBalance: amount(row.available_minor),
    creditLimit: amount(row.credit_limit_minor),
    principal: amount(row.principal_minor),
    annualRateMicros: financials ? BigInt(row.annual_rate_micros ?? 0) : 0n,
    openDate: row.open_date ?? '',
    maturityDate: financials ? (row.maturity_date ?? '') : '',
    frozen: row.frozen,
    dormant: row.dormant,
    daysPastDue: financials ? row.days_past_due : 0,
    role: roleName(row.role),
    holderCount: row.holder_count,
    currencyCode: row.currency_code,
    branchCode: row.branch_code,
    updateTime: row.update_time === null ? undefined : new Date(row.update_time),
    sourceSystem: row.source_system,
    sourceTime: row.source_time === null ? undefined : new Date(row.source_time),
    flags: row.flags,
    transactionLimits: financials
      ? row.transaction_limits.map(({ kind, channel, currency_code, minor_units }) => ({
          kind,
          channel,
          limit: moneyOf(currency_code, minor_units),
        }))
      : [],
    product: row.product_id === null ? '' : `products/${row.product_id}`,
    linkedHolding: row.linked_account_id === null ? '' : `${customer}/holdings/${row.linked_account_id}`,
  };
}
