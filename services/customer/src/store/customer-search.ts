import type { Tx } from '@bankcrm/database';
import { prefixEnd, type SearchMeanings } from '../domain/name-query.ts';
import { type ListCaller, personalSql } from './customer-lists.ts';
import { Parameters, prepared, type Statement } from './parameters.ts';
import { ownSql, type SummaryRow, summaryColumns, summaryTables } from './summary-row.ts';
import { scopeOf } from './visible-customer.ts';

/** How a customer was found. */
export type MatchedBy = 'name' | 'pinyin' | 'initials' | 'customer-number' | 'account-number' | 'id-number' | 'phone';

export interface Match {
  customerId: string;
  matchedBy: MatchedBy;
}

export interface NameMatch extends Match {
  /** Where a page can go on: the parts of the order as texts. */
  position: readonly string[];
}

const byTokenKind: Readonly<Record<number, MatchedBy>> = { 1: 'name', 2: 'pinyin', 3: 'initials' };

const stateSql = (includeClosed: boolean): string =>
  includeClosed ? `c.state IN ('ACTIVE', 'DORMANT', 'CLOSED')` : `c.state IN ('ACTIVE', 'DORMANT')`;

export interface NumberIndexes {
  /** Keyed hashes of the number as an ID document's and as a phone's; the kind is part of what is hashed. */
  values: readonly Buffer[];
  /** And as an account's or card's. */
  accounts: readonly Buffer[];
}

const mostByNumber = 50;

/** Customers that a complete number belongs to, own ones first. */
export async function findByNumber(
  tx: Tx,
  { customerNumbers }: Pick<SearchMeanings, 'customerNumbers'>,
  indexes: NumberIndexes,
  includeClosed: boolean,
): Promise<Match[]> {
  if (customerNumbers.length + indexes.values.length + indexes.accounts.length === 0) return [];
  const { rows } = await tx.query<{ customer_id: string; matched_by: MatchedBy }>(
    prepared(numberSearchSql(customerNumbers, indexes, includeClosed)),
  );
  return rows.map((row) => ({ customerId: row.customer_id, matchedBy: row.matched_by }));
}

/** The scope predicate of account numbers: they find the holders of an account through its owners. */
export const ownerInSight = 'customer.owner_in_sight(account.account_id)';

export function numberSearchSql(
  customerNumbers: readonly string[],
  { values, accounts }: NumberIndexes,
  includeClosed: boolean,
): Statement {
  const text = `
    SELECT DISTINCT ON (own, full_name, customer_id) customer_id, matched_by FROM (
      SELECT c.customer_id, c.full_name, ${ownSql('c')} AS own, found.matched_by, found.rank
      FROM (
        SELECT customer_id, 'customer-number' AS matched_by, 1 AS rank FROM customer.party WHERE source_id = ANY ($1::text[])
        UNION ALL
        SELECT coalesce(v.customer_id, party.customer_id), CASE WHEN v.category = 'identifier' THEN 'id-number' ELSE 'phone' END, 2
        FROM customer.identifying_value AS v LEFT JOIN customer.party USING (party_id) WHERE v.blind_index = ANY ($2::bytea[])
        UNION ALL
        SELECT party.customer_id, 'account-number', 3
        FROM customer.account JOIN customer.holder USING (account_id) JOIN customer.party USING (party_id)
        WHERE account.number_index = ANY ($3::bytea[]) AND ${ownerInSight}
      ) AS found JOIN customer.customer AS c USING (customer_id)
      WHERE ${stateSql(includeClosed)} AND ${scopeOf('c')}) AS seen
    ORDER BY own DESC, full_name, customer_id, rank LIMIT ${mostByNumber}`;
  return { text, values: [customerNumbers, values, accounts] };
}

/** The tokens that a spelling finds: the same, or beginning with it. */
const ranges = (names: readonly string[], parameters: Parameters): string =>
  names
    .map((name) => `(t.token >= ${parameters.add(name, 'text')} AND t.token < ${parameters.add(prefixEnd(name), 'text')})`)
    .join(' OR ');

/**
 * The caller's own customers by name, and for callers without a wider scope all they see: own before served, whole matches before
 * beginnings, then in the order of the names. Driven by the few customers rather than by the many names.
 */
export async function findPersonal(
  tx: Tx,
  names: readonly string[],
  { onlyOwn, includeClosed }: { onlyOwn: boolean; includeClosed: boolean },
  after: readonly (string | null)[] | undefined,
  limit: number,
): Promise<NameMatch[]> {
  const { rows } = await tx.query<{ customer_id: string; kind: number; token: string; rank: number }>(
    prepared(personalSearchSql(names, { onlyOwn, includeClosed }, after, limit)),
  );
  return rows.map(({ customer_id, kind, token, rank }) => ({
    customerId: customer_id,
    matchedBy: byTokenKind[kind]!,
    position: [String(rank), token, customer_id],
  }));
}

export function personalSearchSql(
  names: readonly string[],
  { onlyOwn, includeClosed }: { onlyOwn: boolean; includeClosed: boolean },
  after: readonly (string | null)[] | undefined,
  limit: number,
): Statement {
  const parameters = new Parameters();
  const exact = parameters.add(names, 'text[]');
  const range = ranges(names, parameters);
  const beyond = after
    ? `WHERE (best.rank, best.token, best.customer_id) > (${parameters.add(Number(after[0]), 'int')}, ${parameters.add(after[1], 'text')} COLLATE "C", ${parameters.add(after[2], 'uuid')})`
    : '';
  const text = `
    SELECT best.* FROM (
      SELECT DISTINCT ON (found.customer_id) found.* FROM (
        SELECT t.customer_id, t.kind, t.token, (CASE WHEN ${ownSql('c')} THEN 0 ELSE 2 END + CASE WHEN t.token = ANY (${exact}) THEN 0 ELSE 1 END)::int AS rank
        FROM customer.customer AS c JOIN customer.name_token AS t USING (customer_id)
        WHERE c.customer_id IN (${personalSql}) AND ${stateSql(includeClosed)} AND ${scopeOf('c')} AND (${range})
          ${onlyOwn ? `AND ${ownSql('c')}` : ''}) AS found
      ORDER BY found.customer_id, found.rank, found.token) AS best
    ${beyond}
    ORDER BY best.rank, best.token, best.customer_id LIMIT ${parameters.add(limit, 'int')}`;
  return { text, values: parameters.values };
}

/**
 * Customers that are not the caller's own, in the order of one spelling's tokens: whole matches (`exact`), or those that begin
 * with it. A customer with several matching tokens comes once, with the first of them. Driven by the index on tokens, so that a page
 * costs what it shows and not what the bank holds.
 */
export async function findOthers(
  tx: Tx,
  name: string,
  { exact, includeClosed }: { exact: boolean; includeClosed: boolean },
  after: readonly (string | null)[] | undefined,
  limit: number,
): Promise<NameMatch[]> {
  const { rows } = await tx.query<{ customer_id: string; kind: number; token: string }>(
    prepared(otherSearchSql(name, { exact, includeClosed }, after, limit)),
  );
  return rows.map(({ customer_id, kind, token }) => ({
    customerId: customer_id,
    matchedBy: byTokenKind[kind]!,
    position: [token, customer_id],
  }));
}

export function otherSearchSql(
  name: string,
  { exact, includeClosed }: { exact: boolean; includeClosed: boolean },
  after: readonly (string | null)[] | undefined,
  limit: number,
): Statement {
  const parameters = new Parameters();
  const from = parameters.add(name, 'text');
  const where = exact
    ? [`t.token = ${from}`]
    : [
        `t.token > ${from}`,
        `t.token < ${parameters.add(prefixEnd(name), 'text')}`,
        `NOT EXISTS (
          SELECT FROM customer.name_token AS sooner
          WHERE sooner.customer_id = t.customer_id AND sooner.token >= ${from} AND sooner.token < t.token OFFSET 0)`,
      ];
  if (after)
    where.push(
      `(t.token, t.customer_id) > (${parameters.add(after[0], 'text')} COLLATE "C", ${parameters.add(after[1], 'uuid')})`,
    );
  const text = `
    SELECT t.customer_id, t.kind, t.token
    FROM customer.name_token AS t JOIN customer.customer AS c USING (customer_id)
    WHERE ${where.join(' AND ')} AND ${stateSql(includeClosed)} AND ${scopeOf('c')} AND NOT ${ownSql('c')}
    ORDER BY t.token, t.customer_id LIMIT ${parameters.add(limit, 'int')}`;
  return { text, values: parameters.values };
}

/** What lists show of the customers found, in the order given. */
export async function readSummaries(tx: Tx, customerIds: readonly string[]): Promise<SummaryRow[]> {
  if (customerIds.length === 0) return [];
  const { rows } = await tx.query<SummaryRow>(
    prepared({
      text: `SELECT ${summaryColumns} FROM unnest($1::uuid[]) AS wanted (customer_id) ${summaryTables('wanted.customer_id')}`,
      values: [customerIds],
    }),
  );
  const byId = new Map(rows.map((row) => [row.customer_id, row]));
  return customerIds.flatMap((id) => byId.get(id) ?? []);
}

/** Whether the caller sees customers for another reason than the own person: then names are searched bank-wide, under the scope. */
export const isWide = ({ scope }: ListCaller): boolean => scope.bank || scope.orgUnitIds.length > 0;
