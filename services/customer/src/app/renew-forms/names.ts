import { columns } from '@bankcrm/database';
import { nameForm, nameOrder } from '../../domain/name-order.ts';
import type { PlacedRecord } from '../../domain/placement.ts';
import { deleteNameTokens, insertNameTokens } from '../golden-record/write-name-tokens.ts';
import type { Renewal } from './renew-forms.ts';

const batchCustomers = 500;

interface Row {
  customer_id: string;
  kind: PlacedRecord['kind'];
  full_name: string;
  short_name: string;
}

/** Order and name tokens of customers. The records stay as they are: no version, no event. */
export const nameForms: Renewal = {
  name: 'customer',
  async renew(tx, afterId) {
    const { rows } = await tx.query<Row>({
      name: 'lock-old-names',
      text: `
        SELECT customer_id, kind, full_name, short_name FROM customer.customer
        WHERE name_form < ${nameForm} AND full_name <> '' AND customer_id > $1
        ORDER BY customer_id LIMIT ${batchCustomers} FOR NO KEY UPDATE SKIP LOCKED`,
      values: [afterId],
    });
    if (rows.length === 0) return { lastId: undefined, renewed: 0, broken: 0 };
    const named = rows.map(({ customer_id, full_name, short_name, kind }) => ({
      customerId: customer_id,
      record: { fullName: full_name, shortName: short_name, kind },
    }));
    await deleteNameTokens(tx, named);
    await insertNameTokens(tx, named);
    await tx.query({
      name: 'renew-name-order',
      text: `
        UPDATE customer.customer AS row SET name_order = new.name_order, name_form = ${nameForm}
        FROM unnest($1::uuid[], $2::text[]) AS new (customer_id, name_order) WHERE row.customer_id = new.customer_id`,
      values: [
        columns.uuids(named.map(({ customerId }) => customerId)),
        columns.texts(named.map(({ record }) => nameOrder(record.fullName, record.kind))),
      ],
    });
    return { lastId: rows.at(-1)!.customer_id, renewed: rows.length, broken: 0 };
  },
};
