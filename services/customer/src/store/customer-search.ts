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
    SELECT DISTINCT ON (own, name_order, customer_id) customer_id, matched_by FROM (
      SELECT c.customer_id, c.name_order, ${ownSql('c')} AS own, found.matched_by, found.rank
      FROM (
        SELECT customer_id, 'customer-number' AS matched_by, 1 AS rank FROM customer.party WHERE source_id = ANY ($1::text[])
        UNION ALL
        SELECT padded.customer_id, 'customer-number', 1
        FROM unnest($1::text[], $4::text[], $5::text[]) AS typed (number, first, past) CROSS JOIN LATERAL (
          SELECT customer_id FROM customer.party WHERE source_id >= typed.first AND source_id < typed.past AND rtrim(source_id) = typed.number
          ORDER BY source_id, source_system LIMIT ${mostByNumber}) AS padded
        UNION ALL
        SELECT coalesce(v.customer_id, party.customer_id), CASE WHEN v.category = 'identifier' THEN 'id-number' ELSE 'phone' END, 2
        FROM customer.identifying_value AS v LEFT JOIN customer.party USING (party_id) WHERE v.blind_index = ANY ($2::bytea[])
        UNION ALL
        SELECT party.customer_id, 'account-number', 3
        FROM customer.account JOIN customer.holder USING (account_id) JOIN customer.party USING (party_id)
        WHERE account.number_index = ANY ($3::bytea[]) AND ${ownerInSight}
      ) AS found JOIN customer.customer AS c USING (customer_id)
      WHERE ${stateSql(includeClosed)} AND ${scopeOf('c')}) AS seen
    ORDER BY own DESC, name_order, customer_id, rank LIMIT ${mostByNumber}`;
  // Systems with fields of fixed width fill a number up with blanks: such texts lie from one blank after it up to the next character, `!`.
  const padded = [customerNumbers.map((number) => `${number} `), customerNumbers.map((number) => `${number}!`)];
  return { text, values: [customerNumbers, values, accounts, ...padded] };
}

/** A name as typed, in its spellings and in its words. */
export type Spellings = Pick<SearchMeanings, 'names' | 'words'>;

/** The tokens that a spelling finds: the same, or beginning with it. */
const ranges = (names: readonly string[], parameters: Parameters): string =>
  names
    .map((name) => `(t.token >= ${parameters.add(name, 'text')} AND t.token < ${parameters.add(prefixEnd(name), 'text')})`)
    .join(' OR ');

/** SQL that is true for a customer who has all the words: each begins one of the name tokens. */
const allWords = (customerId: string, words: readonly string[], parameters: Parameters): string => `NOT EXISTS (
            SELECT FROM unnest(${parameters.add(words, 'text[]')}, ${parameters.add(words.map(prefixEnd), 'text[]')}) AS w (word, past)
            WHERE NOT EXISTS (
              SELECT FROM (SELECT token FROM customer.name_token WHERE name_token.customer_id = ${customerId} OFFSET 0) AS has
              WHERE has.token >= w.word AND has.token < w.past))`;

/**
 * The caller's own customers by name, and for callers without a wider scope all they see: own before served, whole matches before
 * beginnings before names that have all the words, then in the order of the names. Driven by the few customers rather than by the many names;
 * OFFSET keeps their tokens from being looked for among all that begin so.
 */
export async function findPersonal(
  tx: Tx,
  names: Spellings,
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
  { names, words }: Spellings,
  { onlyOwn, includeClosed }: { onlyOwn: boolean; includeClosed: boolean },
  after: readonly (string | null)[] | undefined,
  limit: number,
): Statement {
  const parameters = new Parameters();
  const exact = parameters.add(names, 'text[]');
  const whole = ranges(names, parameters);
  const byWords =
    words.length > 0
      ? `
          OR (${ranges(words.slice(0, 1), parameters)} AND ${allWords('t.customer_id', words.slice(1), parameters)})`
      : '';
  const beyond = after
    ? `WHERE (best.rank, best.token, best.customer_id) > (${parameters.add(Number(after[0]), 'int')}, ${parameters.add(after[1], 'text')} COLLATE "C", ${parameters.add(after[2], 'uuid')})`
    : '';
  const text = `
    SELECT best.* FROM (
      SELECT DISTINCT ON (found.customer_id) found.* FROM (
        SELECT t.customer_id, t.kind, t.token,
          (CASE WHEN ${ownSql('c')} THEN 0 ELSE 3 END + CASE WHEN t.token = ANY (${exact}) THEN 0 WHEN ${whole} THEN 1 ELSE 2 END)::int AS rank
        FROM customer.customer AS c CROSS JOIN LATERAL (
          SELECT customer_id, kind, token FROM customer.name_token WHERE name_token.customer_id = c.customer_id OFFSET 0) AS t
        WHERE c.customer_id IN (${personalSql}) AND ${stateSql(includeClosed)} AND ${scopeOf('c')} AND (${whole}${byWords})
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

/** How many names a search by words looks at before it leaves the rest to the next page. */
const mostLookedAt = 1_000;

/** What a search by words has found, and where to go on although the page is not full. */
export interface WordMatches {
  matches: NameMatch[];
  unfinished: readonly string[] | undefined;
}

/** Customers that are not the caller's own and have all the words in their names, without those that {@link findOthers} finds. */
export async function findByWords(
  tx: Tx,
  spellings: Spellings,
  includeClosed: boolean,
  after: readonly (string | null)[] | undefined,
  limit: number,
): Promise<WordMatches> {
  const { rows } = await tx.query<{ driver: number; token: string; customer_id: string; kind: number; matched: boolean }>(
    prepared(wordSearchSql(spellings, includeClosed, after, limit)),
  );
  const found = rows.map(({ driver, token, customer_id, kind, matched }) => ({
    customerId: customer_id,
    matchedBy: byTokenKind[kind]!,
    position: [String(driver), token, customer_id],
    matched,
  }));
  return { matches: found.filter(({ matched }) => matched), unfinished: found.find(({ matched }) => !matched)?.position };
}

/** The function applies the scope before its limit; the statement does so once more, under row-level security. */
export function wordSearchSql(
  { names, words }: Spellings,
  includeClosed: boolean,
  after: readonly (string | null)[] | undefined,
  limit: number,
): Statement {
  const [driver, token, customerId] = after ?? [null, '', '00000000-0000-0000-0000-000000000000'];
  const text = `
    SELECT found.* FROM customer.find_by_words($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) AS found
    WHERE NOT found.matched OR EXISTS (
      SELECT FROM customer.customer AS c WHERE c.customer_id = found.customer_id AND ${scopeOf('c')} OFFSET 0)`;
  const ends = [words.map(prefixEnd), names, names.map(prefixEnd)];
  return { text, values: [words, ...ends, includeClosed, driver, token, customerId, mostLookedAt, limit] };
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
