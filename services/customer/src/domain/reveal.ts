import { invalid, isUuid } from '@bankcrm/kernel';
import { requireText } from './free-text.ts';
import { Reason } from './reasons.ts';

export const revealReasons = [
  'CUSTOMER_REQUEST',
  'CALL_CUSTOMER',
  'IDENTITY_CHECK',
  'COMPLAINT',
  'AUDIT',
  'DATA_CORRECTION',
] as const;

const mostFields = 20;
const longestNote = 500;

/** What is to be shown: identifying values and account numbers by id, in the order asked. */
export interface RevealedField {
  field: string;
  of: 'value' | 'account';
  id: string;
}

/** Reads a request to reveal. Throws INVALID naming the field; an audit needs its reason in words. */
export function readReveal(request: { fields: readonly string[]; reasonCode: string; note: string }): RevealedField[] {
  const { fields, reasonCode, note } = request;
  if (!(revealReasons as readonly string[]).includes(reasonCode))
    throw invalid('reason_code', `must be one of ${revealReasons.join(', ')}`);
  if (reasonCode === 'AUDIT' && note.trim() === '') throw invalid('note', 'must say why for AUDIT');
  requireText('note', note, longestNote);
  if (fields.length < 1 || fields.length > mostFields) throw invalid('fields', `must name 1 to ${mostFields} fields`);
  if (new Set(fields).size < fields.length) throw invalid('fields', 'must not name a field twice');
  return fields.map((field) => {
    const [, collection, id] = /^(identifiers|contacts|addresses|holdings)\/(.+)$/.exec(field) ?? [];
    if (collection === undefined || !isUuid(id!))
      throw invalid('fields', 'must be as in MaskedValue.field, or holdings/{uuid}', Reason.invalidResourceName);
    return { field, of: collection === 'holdings' ? 'account' : 'value', id: id! };
  });
}
