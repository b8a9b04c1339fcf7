import { owningRoles } from '@bankcrm/contract/domain';
import { columns, type Tx } from '@bankcrm/database';
import { type StateFeed, type StateMessage, uuidKeysAfter } from '@bankcrm/events';
import { deriveId } from '@bankcrm/kernel';
import { eventType } from '@bankcrm/proto/descriptors';
import {
  CustomerProfiled,
  CustomerProfiled_Holding as Holding,
  CustomerProfiled_Share as Share,
} from '@bankcrm/proto/gen/bankcrm/customer/v1/profiles.ts';
import type { GoldenKyc } from '../../domain/golden-record.ts';
import { completenessOf, holdingsWithin } from '../../domain/profile.ts';
import type { SyncDeps } from '../sync/deps.ts';

const profiled = eventType<CustomerProfiled>('bankcrm.customer.v1.CustomerProfiled');

/** Most holdings in hand at once; of one customer there are at most {@link mostOfOne}. */
const mostRows = 20_000;
/** One more than a profile has room for. */
const mostOfOne = 2_001;

type Deps = Pick<SyncDeps, 'bankCurrency' | 'today'> & { now: () => Date };

/** What is known of each customer that filters, tiers and reports need. */
export const profiles = (deps: Deps): StateFeed => ({
  name: 'profiles',
  topic: 'bankcrm.customer.v1.profiles',
  keysAfter: uuidKeysAfter('customer.customer', 'customer_id'),
  async read(tx, customerIds, sequence) {
    const records = await readRecords(tx, deps, customerIds);
    const messages: StateMessage[] = [];
    for (let rest = records; rest.length > 0; ) {
      const holdings = await readHoldings(
        tx,
        rest.map(({ customer_id }) => customer_id),
      );
      // Whose holdings were cut off comes with the next ones.
      const complete = holdings.isCut ? rest.filter(({ customer_id }) => customer_id < holdings.last) : rest;
      for (const record of complete) messages.push(messageOf(record, holdings.of.get(record.customer_id) ?? [], deps, sequence));
      rest = rest.slice(complete.length);
    }
    return messages;
  },
});

interface RecordRow {
  customer_id: string;
  kind: string;
  state: string;
  full_name: string;
  short_name: string;
  segment: string;
  birth_date: string | null;
  open_date: string | null;
  close_date: string | null;
  profile: Record<string, string>;
  income_currency: string | null;
  income_minor: bigint | null;
  kyc: GoldenKyc;
  party_ids: string[];
  contact: boolean;
  identifier: boolean;
  assets: bigint;
  liabilities: bigint;
  rate_date: string | null;
}

/** In the order of their ids. */
async function readRecords(tx: Tx, deps: Deps, customerIds: readonly string[]): Promise<RecordRow[]> {
  const { rows } = await tx.query<RecordRow>({
    name: 'read-profiles',
    text: `
      SELECT c.customer_id, c.kind, c.state, c.full_name, c.short_name, c.segment, c.birth_date, c.open_date, c.close_date, c.profile,
        c.income_currency, c.income_minor, c.kyc, parties.ids AS party_ids,
        EXISTS (SELECT FROM customer.identifying_value WHERE party_id = ANY (parties.ids) AND category = 'contact')
          OR EXISTS (SELECT FROM customer.identifying_value AS v WHERE v.customer_id = c.customer_id AND category = 'contact') AS contact,
        EXISTS (SELECT FROM customer.identifying_value WHERE party_id = ANY (parties.ids) AND category = 'identifier') AS identifier,
        summary.total_assets_minor AS assets, summary.total_liabilities_minor AS liabilities,
        CASE WHEN summary.currencies <> '{}' THEN (
          SELECT min(newest.rate_date) FROM unnest(summary.currencies) AS held (currency_code) CROSS JOIN LATERAL (
            SELECT rate_date FROM customer.rate
            WHERE base_currency_code = held.currency_code AND quote_currency_code = $2 AND rate_date <= $3::date
            ORDER BY rate_date DESC LIMIT 1) AS newest)
        END AS rate_date
      FROM customer.customer AS c JOIN customer.customer_summary AS summary USING (customer_id)
        CROSS JOIN LATERAL (
          SELECT ARRAY(SELECT party_id FROM customer.party WHERE party.customer_id = c.customer_id ORDER BY party_id) AS ids) AS parties
      WHERE c.customer_id = ANY ($1::uuid[]) ORDER BY c.customer_id`,
    values: [columns.uuids(customerIds), deps.bankCurrency, deps.today(deps.now())],
  });
  return rows;
}

interface HoldingRow {
  customer_id: string;
  account_id: string;
  role: number;
  kind: string;
  state: string;
  frozen: boolean;
  source_system: string;
  product_code: string;
  currency_code: string;
  balance_minor: bigint | null;
  credit_limit_minor: bigint | null;
  annual_rate_micros: bigint | null;
  days_past_due: number;
  open_date: string | null;
  maturity_date: string | null;
  total: bigint;
}

/** The largest holdings of each customer; `last` is whom the last row belongs to, where there were more than are read at once. */
async function readHoldings(
  tx: Tx,
  customerIds: readonly string[],
): Promise<{ of: Map<string, HoldingRow[]>; isCut: boolean; last: string }> {
  const { rows } = await tx.query<HoldingRow>({
    name: 'read-holdings',
    text: `
      WITH held AS (
        SELECT party.customer_id, holder.account_id, min(holder.role) AS role
        FROM customer.party JOIN customer.holder USING (party_id)
        WHERE party.customer_id = ANY ($1::uuid[]) AND holder.role = ANY ($2::int2[]) GROUP BY 1, 2
      ), ranked AS (
        SELECT held.customer_id, held.role, account.*, count(*) OVER (PARTITION BY held.customer_id) AS total,
          row_number() OVER (PARTITION BY held.customer_id ORDER BY balance_minor DESC NULLS LAST, account_id) AS place
        FROM held JOIN customer.account USING (account_id) WHERE account.state <> 'mentioned'
      )
      SELECT customer_id, account_id, role, kind, state, frozen, source_system, product_code, currency_code, balance_minor, credit_limit_minor, annual_rate_micros, days_past_due, open_date, maturity_date, total
      FROM ranked WHERE place <= ${mostOfOne} ORDER BY customer_id, place LIMIT ${mostRows}`,
    values: [columns.uuids(customerIds), owningRoles],
  });
  const of = new Map<string, HoldingRow[]>();
  for (const row of rows) {
    const known = of.get(row.customer_id);
    if (known === undefined) of.set(row.customer_id, [row]);
    else known.push(row);
  }
  return { of, isCut: rows.length === mostRows, last: rows.at(-1)?.customer_id ?? '' };
}

function messageOf(record: RecordRow, rows: readonly HoldingRow[], deps: Deps, sequence: bigint): StateMessage {
  const holdings = rows.map(holdingOf);
  const within = holdingsWithin(holdings, (holding) => Holding.encode(holding).finish().byteLength);
  const total = Number(rows[0]?.total ?? 0n);
  const { profile } = record;
  const income =
    record.income_minor === null ? undefined : { currencyCode: record.income_currency!, minorUnits: record.income_minor };
  const isOrganisation = record.kind === 'ORGANISATION';
  const state: CustomerProfiled = {
    customerId: record.customer_id,
    sequence,
    kind: record.kind,
    state: record.state,
    partyIds: record.party_ids,
    mergedInto: '',
    segment: record.segment,
    openDate: record.open_date ?? '',
    closeDate: record.close_date ?? '',
    regionCode: profile.region_code ?? '',
    creditGrade: profile.credit_grade ?? '',
    creditScore: Number(profile.credit_score ?? 0),
    birthDate: record.birth_date ?? '',
    gender: profile.gender ?? '',
    occupation: profile.occupation ?? '',
    education: profile.education ?? '',
    riskPreference: profile.risk_preference ?? '',
    annualIncome: isOrganisation ? undefined : income,
    industryCode: profile.industry_code ?? '',
    economicNature: profile.economic_nature ?? '',
    parentGroup: profile.parent_group ?? '',
    establishDate: profile.establish_date ?? '',
    qualificationGrade: profile.qualification_grade ?? '',
    registeredCapital: isOrganisation ? income : undefined,
    kyc: kycOf(record.kyc),
    completeness: completenessOf({
      kind: record.kind,
      fullName: record.full_name,
      shortName: record.short_name,
      birthDate: record.birth_date,
      income: income !== undefined,
      contact: record.contact,
      identifier: record.identifier,
      fields: profile,
    }),
    holdings: [...within],
    holdingsTruncated: within.length < total,
    totals: {
      currencyCode: deps.bankCurrency,
      assetsMinor: record.assets,
      liabilitiesMinor: record.liabilities,
      rateDate: record.rate_date ?? '',
      holdings: total,
    },
  };
  const payload = CustomerProfiled.encode(state).finish();
  const { type, key } = profiled(state);
  return { type, key, subject: `customers/${key}`, sequence, payload };
}

const kycOf = ({ state, risk_rating, review_date, next_review_date, screening_hits }: GoldenKyc) => ({
  state: state ?? '',
  riskRating: risk_rating ?? '',
  reviewDate: review_date ?? '',
  nextReviewDate: next_review_date ?? '',
  openHits: (screening_hits ?? []).filter((hit) => hit.state === 'open').length,
});

const holdingOf = (row: HoldingRow): Holding => ({
  accountId: row.account_id,
  kind: row.kind,
  product: row.product_code === '' ? '' : `products/${deriveId('product', row.source_system, row.product_code)}`,
  productCode: row.product_code,
  state: row.state,
  frozen: row.frozen,
  currencyCode: row.currency_code,
  balanceMinor: row.balance_minor ?? undefined,
  creditLimitMinor: row.credit_limit_minor ?? undefined,
  annualRateMicros: row.annual_rate_micros ?? undefined,
  daysPastDue: row.days_past_due,
  openDate: row.open_date ?? '',
  maturityDate: row.maturity_date ?? '',
  share: row.role === 1 ? Share.OWNER : Share.JOINT,
});
