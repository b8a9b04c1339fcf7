import type { Interaction } from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';

/** An interaction from a query (times as dates, bigint) or out of JSON (both as texts). */
export interface InteractionRow {
  interaction_id: string;
  kind: string;
  direction: string;
  summary: string;
  occur_time: Date | string;
  staff_id: string;
  next_step: string;
  next_step_due_date: string | null;
  next_step_done: boolean;
  version: bigint | string;
  subject: string;
}

export const interactionColumns =
  'interaction_id, kind, direction, summary, occur_time, staff_id, next_step, next_step_due_date, next_step_done, version, subject';

/** `customer` is `customers/{uuid}`. */
export function interactionOf(row: InteractionRow, customer: string): Interaction {
  return {
    name: `${customer}/interactions/${row.interaction_id}`,
    kind: row.kind,
    direction: row.direction,
    summary: row.summary,
    occurTime: new Date(row.occur_time),
    staff: `staff/${row.staff_id}`,
    nextStep:
      row.next_step === ''
        ? undefined
        : { description: row.next_step, dueDate: row.next_step_due_date ?? '', done: row.next_step_done },
    etag: String(row.version),
    subject: row.subject,
  };
}
