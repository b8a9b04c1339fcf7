import { invalid, isCivilDate } from '@bankcrm/kernel';
import { requireText } from './free-text.ts';
import { Reason } from './reasons.ts';
import { isResourceName } from './resource-names.ts';

const kinds = ['call', 'visit', 'message', 'meeting'];
const directions = ['inbound', 'outbound'];
const longestSummary = 2_000;
const longestNextStep = 500;
/** Clocks of branch machines may run ahead a little. */
const toleranceMs = 5 * 60_000;

export interface InteractionInput {
  kind: string;
  direction: string;
  summary: string;
  occurTime: Date | undefined;
  nextStep: { description: string; dueDate: string; done: boolean } | undefined;
  subject: string;
}

/** An interaction that may be recorded. */
export interface NewInteraction {
  kind: string;
  direction: string;
  summary: string;
  occurTime: Date;
  nextStep: string;
  /** `YYYY-MM-DD` or none. */
  nextStepDueDate: string | undefined;
  /** Name of the resource that it was about, or empty. */
  subject: string;
}

/** Checks what somebody wants to record. `counter-service` is recorded by the service itself. Throws INVALID naming the field. */
export function newInteraction(input: InteractionInput | undefined, now: Date): NewInteraction {
  if (!input) throw invalid('interaction', 'must be given');
  const { kind, direction, summary, occurTime = now, nextStep, subject } = input;
  if (!kinds.includes(kind)) throw invalid('interaction.kind', `must be one of ${kinds.join(', ')}`);
  if (!directions.includes(direction)) throw invalid('interaction.direction', `must be one of ${directions.join(', ')}`);
  if (summary.trim() === '') throw invalid('interaction.summary', 'must be given');
  requireText('interaction.summary', summary, longestSummary);
  if (Number.isNaN(occurTime.getTime()) || occurTime.getTime() > now.getTime() + toleranceMs)
    throw invalid('interaction.occur_time', 'must not lie in the future');
  if (occurTime.getTime() < 0) throw invalid('interaction.occur_time', 'must be after 1970');
  const description = nextStep?.description.trim() ?? '';
  if (nextStep && description === '') throw invalid('interaction.next_step.description', 'must be given');
  if (nextStep?.done) throw invalid('interaction.next_step.done', 'is set by completing the step');
  requireText('interaction.next_step.description', description, longestNextStep);
  const dueDate = nextStep?.dueDate ?? '';
  if (dueDate !== '' && !isCivilDate(dueDate)) throw invalid('interaction.next_step.due_date', 'must be a date as YYYY-MM-DD');
  if (subject !== '' && !isResourceName(subject))
    throw invalid('interaction.subject', 'must look like tickets/{uuid}', Reason.invalidResourceName);
  return {
    kind,
    direction,
    summary: summary.trim(),
    occurTime,
    nextStep: description,
    nextStepDueDate: dueDate || undefined,
    subject,
  };
}
