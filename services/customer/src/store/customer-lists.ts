import type { StaffCaller } from '@bankcrm/access';
import type { Tx } from '@bankcrm/database';
import type { BirthdayRange } from '../domain/birthdays.ts';
import type { CustomerCriteria, ListOrder, Range } from '../domain/customer-criteria.ts';
import { lastName } from '../domain/name-order.ts';
import { Parameters, prepared, type Statement } from './parameters.ts';
import { me, type SummaryRow, summaryColumns, summaryTables } from './summary-row.ts';
import { scopeOf } from './visible-customer.ts';

/** Who is asking, as far as a list needs it; who that is in person, the transaction's settings say. */
export interface ListCaller extends Pick<StaffCaller, 'scope'> {
  /** The units of the subtree, for a statement that is planned anew: how much of the bank they are decides how to read it. */
  units?: readonly string[];
}

/** The caller with the units of the subtree, as the database has them. */
export async function withUnits(tx: Tx, { scope }: ListCaller): Promise<ListCaller> {
  if (scope.bank || scope.orgUnitIds.length === 0) return { scope };
  const { rows } = await tx.query<{ id: string }>(
    'SELECT DISTINCT descendant_id AS id FROM customer.org_unit_closure WHERE ancestor_id = ANY ($1::uuid[])',
    [scope.orgUnitIds],
  );
  return { scope, units: rows.map(({ id }) => id) };
}

/** Closed customers and those only mentioned are in no list. The words are those of the partial indexes. */
const listed = `c.state IN ('ACTIVE', 'DORMANT')`;

/**
 * A part of a list in one index order: orders by a field that may be absent have a second part for the customers without it, and the one by
 * next birthday begins at today and goes on from the new year.
 */
export interface ListPart {
  /** Column and type sorted by; absent where all customers of the part are alike. */
  key?: { sql: string; type: string; descending?: boolean };
  /** Customers with the same key come in the order of their ids, backwards where the index is read backwards. */
  backwards?: boolean;
  where?: (parameters: Parameters) => string;
}

/** Where a page ended: the part, the last customer's key as text, and its id. */
export interface ListPosition {
  part: number;
  key: string | null;
  customerId: string;
}

/** The parts of an order. `birthdays` are the ranges from today on. */
export function partsOf(order: ListOrder, birthdays: readonly BirthdayRange[]): ListPart[] {
  const known = (sql: string, type: string, descending = false): ListPart[] => [
    { key: { sql, type, descending }, where: () => `${sql} IS NOT NULL` },
    { where: () => `${sql} IS NULL` },
  ];
  switch (order) {
    case 'total_assets desc':
      return [{ key: { sql: 's.total_assets_minor', type: 'bigint', descending: true } }];
    case 'full_name':
      return [{ key: { sql: 'c.name_order', type: 'text' } }];
    case 'full_name desc':
      // Those without a name come last in both directions. Written out, so that a plan made once knows that they are few.
      return [
        {
          key: { sql: 'c.name_order', type: 'text', descending: true },
          backwards: true,
          where: () => `c.name_order < '${lastName}'`,
        },
        { where: () => `c.name_order = '${lastName}'` },
      ];
    case 'open_date desc':
      return known('c.open_date', 'date', true);
    case 'next_maturity_date':
      return known('s.next_maturity_date', 'date');
    case 'next_birthday':
      return [
        ...birthdays.map(
          ([from, to]): ListPart => ({
            key: { sql: 'c.birthday', type: 'smallint' },
            where: (parameters) =>
              `c.birthday >= ${parameters.add(from, 'smallint')} AND c.birthday <= ${parameters.add(to, 'smallint')}`,
          }),
        ),
        { where: () => 'c.birthday IS NULL' },
      ];
  }
}

/** At most `limit` customers of one part after a position, each with its key. */
export async function readListPart(
  tx: Tx,
  caller: ListCaller,
  criteria: CustomerCriteria & { birthdays?: readonly BirthdayRange[] },
  part: ListPart,
  after: Omit<ListPosition, 'part'> | undefined,
  limit: number,
): Promise<(SummaryRow & { key: string | null })[]> {
  const statement = listPartSql(caller, criteria, part, after, limit);
  const { rows } = await tx.query<SummaryRow & { key: string | null }>(isUsual(criteria) ? prepared(statement) : statement);
  return rows;
}

/** Lists of everybody, or of one relationship manager: what people open all day. Filters make too many shapes to keep them all. */
export const isUsual = ({
  rmStaffId,
  impossible,
  ...filtersUsed
}: CustomerCriteria & { birthdays?: readonly BirthdayRange[] }): boolean => Object.keys(filtersUsed).length === 0;

/** The statement of {@link readListPart}; a test asks PostgreSQL how it would run it. */
export function listPartSql(
  caller: ListCaller,
  criteria: CustomerCriteria & { birthdays?: readonly BirthdayRange[] },
  part: ListPart,
  after: Omit<ListPosition, 'part'> | undefined,
  limit: number,
): Statement {
  const parameters = new Parameters();
  const size = parameters.add(limit, 'int');
  const id = part.key?.sql.startsWith('s.') ? 's.customer_id' : 'c.customer_id';
  const where = [
    listed,
    scopeOf('c'),
    ...filters(criteria, parameters),
    ...(part.where ? [part.where(parameters)] : []),
    ...(after ? [afterSql(part, after, id, parameters)] : []),
  ].join('\n      AND ');
  const direction = part.key?.descending ? 'DESC' : 'ASC';
  const key = part.key?.sql ?? 'NULL::text';
  const idDirection = part.backwards ? 'DESC' : 'ASC';
  const order = part.key ? `${key} ${direction}, ${id} ${idDirection}` : id;
  const branch = (candidates: string): string => `
    (SELECT c.customer_id, ${key} AS key
    FROM customer.customer AS c JOIN customer.customer_summary AS s USING (customer_id)
    WHERE ${[...(candidates === '' ? [] : [candidates]), where].join('\n      AND ')}
    ORDER BY ${order} LIMIT ${size})`;
  const text = `
    WITH page AS MATERIALIZED (
      SELECT * FROM (${candidatesOf(caller, criteria, parameters).map(branch).join('\n    UNION')}) AS found
      ORDER BY key ${direction}, customer_id ${idDirection} LIMIT ${size}
    )
    SELECT page.key::text AS key, ${summaryColumns}
    FROM page ${summaryTables('page.customer_id')}
    ORDER BY page.key ${direction}, page.customer_id ${idDirection}`;
  return { text, values: parameters.values };
}

/** How many customers of the scope fulfil the criteria. */
export async function countCustomers(
  tx: Tx,
  caller: ListCaller,
  criteria: CustomerCriteria & { birthdays?: readonly BirthdayRange[] },
): Promise<bigint> {
  const { text, values } = countSql(caller, criteria);
  const { rows } = await tx.query<{ count: bigint }>(text, values);
  return rows[0]?.count ?? 0n;
}

/** The statement of {@link countCustomers}. */
export function countSql(caller: ListCaller, criteria: CustomerCriteria & { birthdays?: readonly BirthdayRange[] }): Statement {
  const parameters = new Parameters();
  const where = [listed, scopeOf('c'), ...filters(criteria, parameters)].join(' AND ');
  const branch = (candidates: string): string => `
    SELECT c.customer_id FROM customer.customer AS c JOIN customer.customer_summary AS s USING (customer_id)
    WHERE ${[...(candidates === '' ? [] : [candidates]), where].join(' AND ')}`;
  const text = `SELECT count(*) AS count FROM (${candidatesOf(caller, criteria, parameters).map(branch).join(' UNION ')}) AS found`;
  return { text, values: parameters.values };
}

/**
 * Where to look: the scope predicate says who is seen, but it is an OR of unlike things, which no index answers. These conditions, one
 * for each index, together hold at least all that the scope holds.
 */
function candidatesOf({ scope, units }: ListCaller, { rmStaffId }: CustomerCriteria, parameters: Parameters): string[] {
  // In an array they are looked up by key, whatever else the statement asks for.
  const few = (ids: string): string => `c.customer_id = ANY (ARRAY (${ids}))`;
  if (rmStaffId !== undefined)
    return [few(`SELECT customer_id FROM customer.customer WHERE rm_staff_id = ${parameters.add(rmStaffId, 'uuid')}`)];
  if (scope.bank) return [''];
  const own = few(personalSql);
  if (scope.orgUnitIds.length === 0) return [own];
  const subtree =
    units === undefined
      ? `c.org_unit_id IN (
      SELECT descendant_id FROM customer.org_unit_closure WHERE ancestor_id = ANY (current_setting('bankcrm.org_units')::uuid[]))`
      : `c.org_unit_id = ANY (${parameters.add(units, 'uuid[]')})`;
  return [subtree, own];
}

/** Customers that somebody may see for their own person's sake: at most a few thousand, each found by an index; OFFSET takes queues one by one. */
export const personalSql = `
      SELECT customer_id FROM customer.customer WHERE rm_staff_id = ${me}
      UNION SELECT customer_id FROM customer.customer WHERE dedicated_rm_staff_id = ${me}
      UNION SELECT customer_id FROM customer.collaborator WHERE staff_id = ${me}
      UNION SELECT customer_id FROM customer.service_access WHERE staff_id = ${me} AND served_time > now() - interval '90 days'
      UNION SELECT customer_id FROM customer.participant WHERE staff_id = ${me}
      UNION SELECT customer_id FROM customer.access_grant WHERE staff_id = ${me} AND expire_time > now()
      UNION SELECT customer_id FROM customer.ticket_access WHERE staff_id = ${me}
      UNION SELECT queued.customer_id FROM customer.queue_member CROSS JOIN LATERAL (
        SELECT customer_id FROM customer.ticket_access WHERE queue_id = queue_member.queue_id OFFSET 0) AS queued
        WHERE queue_member.staff_id = ${me}`;

function filters(criteria: CustomerCriteria & { birthdays?: readonly BirthdayRange[] }, parameters: Parameters): string[] {
  const { homeOrgUnitCode, segments, state, kind, totalAssets, nextMaturity, birthdays } = criteria;
  const where: string[] = [];
  if (homeOrgUnitCode !== undefined)
    where.push(
      `c.org_unit_id = (SELECT org_unit_id FROM customer.org_unit WHERE code = ${parameters.add(homeOrgUnitCode, 'text')} ORDER BY sequence DESC LIMIT 1)`,
    );
  if (segments !== undefined) where.push(`c.segment = ANY (${parameters.add([...segments], 'text[]')})`);
  if (state !== undefined) where.push(`c.state = ${parameters.add(state, 'text')}`);
  if (kind !== undefined) where.push(`c.kind = ${parameters.add(kind, 'text')}`);
  where.push(...between('s.total_assets_minor', totalAssets, 'bigint', parameters));
  where.push(...between('s.next_maturity_date', nextMaturity, 'date', parameters));
  if (birthdays !== undefined) {
    const ranges = birthdays.map(
      ([from, to]) => `c.birthday BETWEEN ${parameters.add(from, 'smallint')} AND ${parameters.add(to, 'smallint')}`,
    );
    where.push(ranges.length === 0 ? 'false' : `(${ranges.join(' OR ')})`);
  }
  return where;
}

function between<T>(column: string, range: Range<T> | undefined, type: string, parameters: Parameters): string[] {
  const where: string[] = [];
  if (range?.least !== undefined) where.push(`${column} >= ${parameters.add(range.least, type)}`);
  if (range?.most !== undefined) where.push(`${column} <= ${parameters.add(range.most, type)}`);
  return where;
}

/** The first condition is one that the index can begin at; a row comparison could not mix directions. */
function afterSql(part: ListPart, after: Omit<ListPosition, 'part'>, id: string, parameters: Parameters): string {
  const last = parameters.add(after.customerId, 'uuid');
  if (!part.key || after.key === null) return `${id} > ${last}`;
  const { sql, type, descending } = part.key;
  const key = parameters.add(after.key, type);
  const beyond = descending ? '<' : '>';
  return `${sql} ${beyond}= ${key} AND (${sql} ${beyond} ${key} OR ${id} ${part.backwards ? '<' : '>'} ${last})`;
}
