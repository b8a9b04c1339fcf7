import { cleanText } from '@bankcrm/contract/domain';
import { batch, type Tx } from '@bankcrm/database';
import { newestBySequence } from '@bankcrm/kernel';
import type { TimelineEntry } from '@bankcrm/proto/gen/bankcrm/timeline/v1/timeline.ts';
import { customerIdOf, hiddenFromOf } from '../../domain/resource-names.ts';
import { isFinancial } from '../../domain/timeline-entry.ts';

/** Keeps the newest version of each entry. */
export async function applyTimelineEntries(tx: Tx, entries: readonly TimelineEntry[]): Promise<void> {
  const rows = newestBySequence(entries, ({ customer, entryId }) => `${customer}/${entryId}`).map(rowOf);
  await tx.query({
    name: 'upsert-timeline-entries',
    text: `
      INSERT INTO customer.timeline_entry AS entry
        (customer_id, entry_id, sequence, event_time, label_zh, label_en, resource, subject, financial, permission, hidden_from, removed)
      SELECT customer_id, entry_id, sequence, event_time, label_zh, label_en, resource, subject, financial, permission, hidden_from::uuid[], removed
      FROM unnest($1::uuid[], $2::uuid[], $3::int8[], $4::timestamptz[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bool[], $10::text[], $11::text[],
          $12::bool[])
        AS given (customer_id, entry_id, sequence, event_time, label_zh, label_en, resource, subject, financial, permission, hidden_from, removed)
      ON CONFLICT (customer_id, entry_id) DO UPDATE SET sequence = excluded.sequence, event_time = excluded.event_time, label_zh = excluded.label_zh,
        label_en = excluded.label_en, resource = excluded.resource, subject = excluded.subject, financial = excluded.financial,
        permission = excluded.permission, hidden_from = excluded.hidden_from, removed = excluded.removed
      WHERE entry.sequence < excluded.sequence`,
    values: batch(rows, {
      customerId: 'uuid',
      entryId: 'uuid',
      sequence: 'int8',
      eventTime: 'timestamptz',
      labelZh: 'text',
      labelEn: 'text',
      resource: 'text',
      subject: 'text',
      financial: 'bool',
      permission: 'text',
      hiddenFrom: 'text',
      removed: 'bool',
    }),
  });
}

const rowOf = (entry: TimelineEntry) => ({
  customerId: customerIdOf(entry.customer)!,
  entryId: entry.entryId,
  sequence: entry.sequence,
  eventTime: entry.eventTime!,
  // Of a removed entry nothing is kept that says what happened.
  labelZh: entry.removed ? '' : cleanText(entry.labelZh),
  labelEn: entry.removed ? '' : cleanText(entry.labelEn),
  resource: entry.resource,
  subject: entry.subject,
  financial: isFinancial(entry),
  permission: entry.permission,
  hiddenFrom: `{${hiddenFromOf(entry.hiddenFrom)!.join(',')}}`,
  removed: entry.removed,
});
