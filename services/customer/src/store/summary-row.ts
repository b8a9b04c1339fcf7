import { toWire } from '@bankcrm/kernel';
import type { CustomerSummary } from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';
import { nextBirthday } from '../domain/birthdays.ts';
import { moneyOf } from './money.ts';
import { kindOf, type ProfileRow, stateOf } from './profile-row.ts';

/** A customer as lists show it. */
export interface SummaryRow {
  customer_id: string;
  kind: ProfileRow['kind'];
  state: ProfileRow['state'];
  full_name: string;
  primary_number: string;
  segment: string;
  home_org_unit_code: string;
  rm_staff_id: string | null;
  birthday: number | null;
  total_assets_minor: bigint | null;
  next_maturity_date: string | null;
  next_maturity_currency: string | null;
  next_maturity_minor: bigint | null;
  masked_mobile: string | null;
  masked_identifier: string | null;
  own: boolean;
}

/** The caller's staff id, from the transaction's settings; a sub-select is evaluated once. */
export const me = `(SELECT nullif(current_setting('bankcrm.staff_id', true), '')::uuid)`;

/** SQL that is true for the caller's own customers: as relationship manager, the dedicated one included, or as collaborator now. */
export const ownSql = (alias: string): string =>
  `(${alias}.rm_staff_id IS NOT DISTINCT FROM ${me} OR ${alias}.dedicated_rm_staff_id IS NOT DISTINCT FROM ${me} OR EXISTS (
      SELECT FROM customer.collaborator AS k WHERE k.staff_id = ${me} AND k.customer_id = ${alias}.customer_id
        AND (k.start_time IS NULL OR k.start_time <= now()) AND (k.end_time IS NULL OR k.end_time > now())))`;

/** What staff have written of a kind, else what the source prefers: as with the golden fields, the person in front of the customer knows better. */
const maskedValue = (condition: string): string => `(
      SELECT v.masked FROM (
        SELECT v.masked, false AS manual, v.preferred, v.value_id FROM customer.party JOIN customer.identifying_value AS v USING (party_id)
        WHERE party.customer_id = c.customer_id AND ${condition}
        UNION ALL
        SELECT v.masked, true, v.preferred, v.value_id FROM customer.identifying_value AS v WHERE v.customer_id = c.customer_id AND ${condition}
      ) AS v ORDER BY v.manual DESC, v.preferred DESC, v.value_id LIMIT 1)`;

export const summaryColumns = `c.customer_id, c.kind, c.state, c.full_name, c.primary_number, c.segment,
      c.home_org_unit_code, c.rm_staff_id, c.birthday, s.total_assets_minor, s.next_maturity_date, s.next_maturity_currency, s.next_maturity_minor,
      ${ownSql('c')} AS own,
      ${maskedValue(`v.kind = 'mobile'`)} AS masked_mobile,
      ${maskedValue(`v.category = 'identifier'`)} AS masked_identifier`;

export const summaryTables = (id: string): string => `
    JOIN customer.customer AS c ON c.customer_id = ${id}
    LEFT JOIN customer.customer_summary AS s ON s.customer_id = ${id}`;

export interface SummaryShown {
  financials: boolean;
  bankCurrency: string;
  /** The bank's civil date. */
  today: string;
}

export function summaryOf(row: SummaryRow, { financials, bankCurrency, today }: SummaryShown): CustomerSummary {
  return {
    name: `customers/${row.customer_id}`,
    kind: kindOf(row.kind),
    fullName: row.full_name,
    primaryNumber: row.primary_number,
    segment: row.segment,
    homeOrgUnitCode: row.home_org_unit_code,
    rm: row.rm_staff_id === null ? '' : `staff/${row.rm_staff_id}`,
    totalAssets: financials ? toWire({ currencyCode: bankCurrency, minorUnits: row.total_assets_minor ?? 0n }) : undefined,
    nextMaturityDate: financials ? (row.next_maturity_date ?? '') : '',
    nextMaturityAmount: financials ? moneyOf(row.next_maturity_currency, row.next_maturity_minor) : undefined,
    nextBirthday: row.birthday === null ? '' : nextBirthday(row.birthday, today),
    maskedMobile: row.masked_mobile ?? '',
    maskedIdentifier: row.masked_identifier ?? '',
    state: stateOf(row.state),
    own: row.own,
  };
}
