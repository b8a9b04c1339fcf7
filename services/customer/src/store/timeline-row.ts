import type { TimelineItem } from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';
import { DataClass } from '@bankcrm/proto/gen/bankcrm/options/v1/options.ts';
import type { TimelineEntry } from '@bankcrm/proto/gen/bankcrm/timeline/v1/timeline.ts';
import { type InteractionRow, interactionOf } from './interaction-row.ts';

/** An item of the timeline as `customer.timeline_of` gives it. */
export interface TimelineRow {
  /** With microseconds, which a page token must keep. */
  event_time: string;
  rank: number;
  id: string;
  interaction: InteractionRow | null;
  entry: EntryRow | null;
}

interface EntryRow {
  entry_id: string;
  sequence: string;
  event_time: string;
  label_zh: string;
  label_en: string;
  resource: string;
  subject: string;
  financial: boolean;
  permission: string;
}

/** `customer` is `customers/{uuid}`. */
export const timelineItemOf = (row: TimelineRow, customer: string): TimelineItem => ({
  eventTime: new Date(row.event_time),
  interaction: row.interaction ? interactionOf(row.interaction, customer) : undefined,
  entry: row.entry ? entryOf(row.entry, customer) : undefined,
});

const entryOf = (row: EntryRow, customer: string): TimelineEntry => ({
  customer,
  entryId: row.entry_id,
  sequence: BigInt(row.sequence),
  eventTime: new Date(row.event_time),
  labelZh: row.label_zh,
  labelEn: row.label_en,
  resource: row.resource,
  subject: row.subject,
  class: row.financial ? DataClass.C2_FINANCIAL : DataClass.C1,
  permission: row.permission,
  hiddenFrom: [],
  removed: false,
});
