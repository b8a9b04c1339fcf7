import type { DeadLetter, Selection } from '@bankcrm/events';
import { invalid, parseName } from '@bankcrm/kernel';
import type { DeadLetter as WireLetter } from '@bankcrm/proto/gen/bankcrm/customer/v1/sync.ts';
import { Reason } from '../../domain/reasons.ts';

export const letterName = (id: string): string => `deadLetters/${id}`;

export const letterId = (name: string): string => parseName('deadLetters/*', name, 'name')[0]!;

/** A letter without its content. */
export const letterToWire = (letter: DeadLetter): WireLetter => ({
  name: letterName(letter.id),
  topic: letter.topic,
  partition: letter.partition,
  offset: letter.offset,
  reason: letter.reason,
  field: letter.field,
  receiveTime: letter.receiveTime,
  sourceSystem: letter.sourceSystem,
  state: letter.state,
  corrected: letter.isCorrected,
  sizeBytes: letter.sizeBytes,
  etag: String(letter.version),
});

/** What letters are kept with: a constant. */
const letterReason = /^[A-Z0-9_]{1,63}$/;

/** One letter by name, or all with a reason. Throws INVALID for neither or both, and for what is no reason. */
export function selectionOf({ name, reason }: { name: string; reason: string }): Selection {
  if ((name === '') === (reason === '')) throw invalid('name', 'give either a name or a reason', Reason.invalidSelection);
  if (name === '' && !letterReason.test(reason)) throw invalid('reason', 'must be a reason as letters are listed with');
  return name === '' ? { reason } : { id: letterId(name) };
}

/** What a selection is called in the audit log. */
export const selectionResource = (selection: Selection): string =>
  'id' in selection ? letterName(selection.id) : 'deadLetters/-';

/** Reads an etag; throws INVALID for what is none. */
export function versionOf(etag: string): bigint {
  if (!/^\d{1,18}$/.test(etag)) throw invalid('etag', 'must be the etag of the letter as read', Reason.invalidEtag);
  return BigInt(etag);
}
