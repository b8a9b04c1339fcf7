import { columns, type Tx } from '@bankcrm/database';
import { deriveIdBytes, formatUuid } from '@bankcrm/kernel';
import type { LetterSubject, SourceKey } from '../domain/letter-subject.ts';
import { scopeOf } from './visible-customer.ts';

const partyId = ({ sourceSystem, sourceId }: SourceKey): string => formatUuid(deriveIdBytes('party', sourceSystem, sourceId));

const ids = (thing: 'party' | 'account', keys: readonly SourceKey[]): Buffer =>
  columns.uuids(keys.map(({ sourceSystem, sourceId }) => deriveIdBytes(thing, sourceSystem, sourceId)));

const concerned = ({ parties, accounts, customerIds }: LetterSubject): Buffer[] => [
  ids('party', parties.flat()),
  ids('account', accounts),
  columns.uuids([...customerIds]),
];

/**
 * The customers that a letter concerns, for a caller who may see its content. Undefined where one of them is out of the caller's sight, where nobody can
 * tell which they are, and where it would restrict somebody who has no participants yet.
 */
export async function customersInSight(tx: Tx, subject: LetterSubject | undefined): Promise<string[] | undefined> {
  if (subject === undefined) return undefined;
  const { rows } = await tx.query<{ customer_id: string; restricted: boolean; seen: boolean }>(
    `SELECT concerned.customer_id, concerned.restricted,
       EXISTS (SELECT FROM customer.customer AS c WHERE c.customer_id = concerned.customer_id AND ${scopeOf('c')}) AS seen
     FROM customer.customers_concerned($1, $2, $3) AS concerned`,
    concerned(subject),
  );
  if (rows.some(({ seen }) => !seen)) return undefined;
  if (subject.isOfKnown && !(await areKnown(tx, subject.parties))) return undefined;
  if (subject.restricts && (rows.length === 0 || rows.some(({ restricted }) => !restricted))) return undefined;
  return rows.map(({ customer_id }) => customer_id);
}

async function areKnown(tx: Tx, parties: LetterSubject['parties']): Promise<boolean> {
  const { rows } = await tx.query<{ party_id: string }>('SELECT party_id FROM customer.party WHERE party_id = ANY ($1::uuid[])', [
    ids('party', parties.flat()),
  ]);
  const known = new Set(rows.map(({ party_id }) => party_id));
  return parties.every((spellings) => spellings.some((key) => known.has(partyId(key))));
}

/** The same without regard to who asks: for the worker, which records what was done. */
export async function customersConcerned(tx: Tx, subject: LetterSubject | undefined): Promise<string[]> {
  if (subject === undefined) return [];
  const { rows } = await tx.query<{ customer_id: string }>(
    `SELECT party.customer_id FROM customer.party WHERE party.party_id = ANY ($1::uuid[])
     UNION
     SELECT party.customer_id FROM customer.holder JOIN customer.party USING (party_id) WHERE holder.account_id = ANY ($2::uuid[])
     UNION
     SELECT customer_id FROM customer.customer WHERE customer_id = ANY ($3::uuid[])`,
    concerned(subject),
  );
  return rows.map(({ customer_id }) => customer_id);
}
