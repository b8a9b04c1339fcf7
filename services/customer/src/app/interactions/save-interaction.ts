import { auditHash } from '@bankcrm/access';
import type { Tx } from '@bankcrm/database';
import { eventType } from '@bankcrm/proto/descriptors';
import type { FieldUse } from '@bankcrm/proto/gen/bankcrm/audit/v1/entries.ts';
import { Interaction } from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';
import { InteractionRecorded } from '@bankcrm/proto/gen/bankcrm/customer/v1/events.ts';
import type { NewInteraction } from '../../domain/interaction.ts';
import { type InteractionRow, interactionColumns } from '../../store/interaction-row.ts';
import { changedFields } from '../acts.ts';
import type { CustomerDeps } from '../deps.ts';
import { publishInteraction, subjectOf } from './publish-interaction.ts';

const recorded = eventType<InteractionRecorded>('bankcrm.customer.v1.InteractionRecorded');

/** Writes an interaction and its event in the open transaction. */
export async function saveInteraction(
  tx: Tx,
  { interactionId, customerId, staffId, now }: { interactionId: string; customerId: string; staffId: string; now: Date },
  interaction: NewInteraction,
): Promise<InteractionRow> {
  const { rows } = await tx.query<InteractionRow>(
    `INSERT INTO customer.interaction
       (interaction_id, customer_id, kind, direction, summary, occur_time, staff_id, next_step, next_step_due_date, create_time, subject)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING ${interactionColumns}`,
    [
      interactionId,
      customerId,
      interaction.kind,
      interaction.direction,
      interaction.summary,
      interaction.occurTime,
      staffId,
      interaction.nextStep,
      interaction.nextStepDueDate ?? null,
      now,
      interaction.subject,
    ],
  );
  const event = {
    ...subjectOf({ customerId, interactionId }),
    sequence: 1n,
    occurTime: interaction.occurTime,
    staff: `staff/${staffId}`,
    kind: interaction.kind,
    subject: interaction.subject,
  };
  await publishInteraction(
    tx,
    { customerId, interactionId, sequence: 1n, now },
    recorded(event),
    InteractionRecorded.encode(event),
  );
  return rows[0]!;
}

/** Keyed hash of an interaction as it was written, for the audit entry; the interaction itself is its own history. */
export const interactionHash = ({ auditKeys }: Pick<CustomerDeps, 'auditKeys'>, interaction: Interaction): Buffer =>
  auditHash(auditKeys, Interaction.encode(interaction).finish());

/** The fields of an interaction that were given a value, for the audit entry. */
export const writtenFields = ({ summary, nextStep, nextStepDueDate, subject }: NewInteraction): FieldUse[] =>
  changedFields([
    'kind',
    'direction',
    'occur_time',
    ...(summary === '' ? [] : ['summary']),
    ...(nextStep === '' ? [] : ['next_step.description']),
    ...(nextStepDueDate === undefined ? [] : ['next_step.due_date']),
    ...(subject === '' ? [] : ['subject']),
  ]);
