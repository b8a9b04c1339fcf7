import { cleanLines } from '@bankcrm/contract/domain';
import { columns, type Tx } from '@bankcrm/database';
import { newestBySequence } from '@bankcrm/kernel';
import { CustomerPanel } from '@bankcrm/proto/gen/bankcrm/panel/v1/panel.ts';
import { customerIdOf, hiddenFromOf } from '../../domain/resource-names.ts';

/** Keeps the newest of each customer's panels. */
export async function applyPanels(tx: Tx, panels: readonly CustomerPanel[]): Promise<void> {
  const rows = newestBySequence(panels, ({ customer, panel }) => `${customer}/${panel}`);
  await tx.query({
    name: 'upsert-panels',
    text: `
      INSERT INTO customer.panel AS panel (customer_id, panel, sequence, content, hidden_from)
      SELECT customer_id, panel, sequence, content, hidden_from::uuid[]
      FROM unnest($1::uuid[], $2::text[], $3::int8[], $4::bytea[], $5::text[]) AS given (customer_id, panel, sequence, content, hidden_from)
      ON CONFLICT (customer_id, panel) DO UPDATE SET sequence = excluded.sequence, content = excluded.content, hidden_from = excluded.hidden_from
      WHERE panel.sequence < excluded.sequence`,
    values: [
      columns.uuids(rows.map((panel) => customerIdOf(panel.customer)!)),
      columns.texts(rows.map(({ panel }) => panel)),
      columns.int8s(rows.map(({ sequence }) => sequence)),
      columns.byteas(rows.map((panel) => CustomerPanel.encode(shown(panel)).finish())),
      columns.texts(rows.map(({ hiddenFrom }) => `{${hiddenFromOf(hiddenFrom)!.join(',')}}`)),
    ],
  });
}

const shown = (panel: CustomerPanel): CustomerPanel => ({
  ...panel,
  hiddenFrom: [],
  fields: panel.fields.map((field) => ({ ...field, value: cleanLines(field.value) })),
});
