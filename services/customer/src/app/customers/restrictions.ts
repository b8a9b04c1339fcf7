import type { Tx } from '@bankcrm/database';
import { notFound } from '@bankcrm/kernel';

/** What the manager of a restriction may know of a customer: not who it is. */
export interface Restriction {
  restricted: boolean;
  /** Core banking says so; people cannot lift it. */
  byCore: boolean;
  /** The caller sees the customer: nobody is kept out, or the caller is let through. */
  takesPart: boolean;
  version: bigint;
}

/** The restriction of a customer that the caller would see if it were not restricted. Throws NOT_FOUND for any other. */
export async function restrictionOf(tx: Tx, customerId: string): Promise<Restriction> {
  const { rows } = await tx.query<{ restricted: boolean; by_core: boolean; takes_part: boolean; version: bigint }>(
    `SELECT restricted, by_core, version, EXISTS (SELECT FROM customer.customer WHERE customer_id = $1) AS takes_part
     FROM customer.wall_of($1)`,
    [customerId],
  );
  const row = rows[0];
  if (!row) throw notFound();
  return { restricted: row.restricted, byCore: row.by_core, takesPart: row.takes_part, version: row.version };
}
