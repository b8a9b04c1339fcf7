import { maskEmail, maskPhone } from '@bankcrm/access/masking';
import { normaliseEmail } from '@bankcrm/access/normalise';
import { normalisePhone } from '@bankcrm/access/phone';
import type { Tx } from '@bankcrm/database';
import { newId } from '@bankcrm/kernel';
import { type IdentifyingField, identifyingFields, maskAddress } from '../../domain/supplement.ts';
import type { Change } from '../acts.ts';
import type { CustomerDeps } from '../deps.ts';
import { currentForm } from '../golden-record/identifying-values.ts';

const place = (valueId: string) => ({ table: 'customer.identifying_value', column: 'sealed', rowId: valueId });

/** How each field is written before it is sealed, shown, and looked up. Nobody looks up addresses. */
const rules: Record<
  IdentifyingField,
  { normalise: (value: string) => string; mask: (value: string) => string; lookedUp: boolean }
> = {
  mobile: { normalise: normalisePhone, mask: maskPhone, lookedUp: true },
  email: { normalise: normaliseEmail, mask: maskEmail, lookedUp: true },
  home_address: { normalise: (value) => value, mask: maskAddress, lookedUp: false },
};
/** Kinds of the blind index. */
const indexKinds: Record<IdentifyingField, string> = { mobile: 'phone', email: 'email', home_address: 'address' };

/**
 * Puts a manual identifying value in the place of the one before, sealed; an empty one takes it back. The same value, too, is written anew under another id: an id
 * that stayed would tell who writes a guess that it is right. Gives old and new in the clear, for the sealed history.
 */
export async function writeManualValue(
  tx: Tx,
  { fields, index }: Pick<CustomerDeps, 'fields' | 'index'>,
  { customerId, staffId, now }: { customerId: string; staffId: string; now: Date },
  field: IdentifyingField,
  typed: string,
): Promise<Change> {
  const { category, kind } = identifyingFields[field];
  const { normalise, mask, lookedUp } = rules[field];
  const value = typed === '' ? '' : normalise(typed);
  const { rows } = await tx.query<{ value_id: string; sealed: Buffer }>(
    'SELECT value_id, sealed FROM customer.identifying_value WHERE customer_id = $1 AND category = $2 AND kind = $3',
    [customerId, category, kind],
  );
  const oldValue = rows[0] ? fields.open(rows[0].sealed, place(rows[0].value_id)).toString() : '';
  await tx.query('DELETE FROM customer.identifying_value WHERE customer_id = $1 AND category = $2 AND kind = $3', [
    customerId,
    category,
    kind,
  ]);
  if (value === '') {
    await tx.query('DELETE FROM customer.supplement WHERE customer_id = $1 AND field = $2', [customerId, field]);
    return { field, oldValue, newValue: value };
  }
  const blindIndex = index.of(indexKinds[field], value);
  // At random: an id made from the value would tell who writes a guess whether it is right.
  const valueId = newId();
  await tx.query(
    `INSERT INTO customer.identifying_value (value_id, customer_id, category, kind, masked, sealed, blind_index, index_version, form)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      valueId,
      customerId,
      category,
      kind,
      mask(value),
      fields.seal(value, place(valueId)),
      lookedUp ? blindIndex : null,
      index.currentVersion,
      currentForm,
    ],
  );
  await tx.query(
    `INSERT INTO customer.supplement (customer_id, field, value, staff_id, update_time) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (customer_id, field) DO UPDATE SET value = excluded.value, staff_id = excluded.staff_id, update_time = excluded.update_time`,
    [customerId, field, valueId, staffId, now],
  );
  return { field, oldValue, newValue: value };
}
