import { headerText, type MessageContent, type RawMessage, type Rejected, rejected } from '@bankcrm/events';
import { type FieldViolation, invalid, invalidFields } from '@bankcrm/kernel';
import { registry } from '@bankcrm/proto/descriptors';
import { fromBinary, toJsonString } from '@bufbuild/protobuf';
import { type ChangedField, changedField, isCorrectable, keptFields } from '../../domain/correction.ts';
import { Reason } from '../../domain/reasons.ts';
import { type Contract, contractOf, decode, jsonType } from './decode.ts';
import { fieldsOf } from './received-fields.ts';

/** A message's value as proto3 JSON as far as that goes: as received where it is JSON, decoded where it is protobuf; otherwise empty. */
export function jsonOf(raw: RawMessage): string {
  if (raw.value === null) return '';
  try {
    if (headerText(raw, 'content-type')?.startsWith(jsonType)) return new TextDecoder('utf-8', { fatal: true }).decode(raw.value);
    const schema = registry.getMessage(contractOf(raw.topic)?.messageName ?? '');
    return schema === undefined ? '' : toJsonString(schema, fromBinary(schema, raw.value));
  } catch {
    return '';
  }
}

/**
 * The message to apply instead of a received one: its value is the corrected JSON; headers are as they must be for it, for they may have been what was
 * wrong. Throws INVALID, naming the field, when it could still not be applied, or changes or cannot keep a field that only the source may change.
 */
export function corrected(received: RawMessage, json: string): MessageContent {
  const contract = contractOf(received.topic);
  if (contract === undefined || !isCorrectable(contract.kind))
    throw invalid('name', 'belongs to a topic whose letters are not corrected: replay it, or give it up', Reason.unknownTopic);
  const value = Buffer.from(json);
  const headers = {
    ...received.headers,
    ce_specversion: Buffer.from('1.0'),
    ce_id: received.headers.ce_id ?? Buffer.from(`corrected-${received.topic}-${received.partition}-${received.offset}`),
    ce_source: received.headers.ce_source ?? Buffer.from('/corebanking/core'),
    ce_type: Buffer.from(contract.eventType),
    'content-type': Buffer.from(jsonType),
  };
  const message = { ...received, key: received.key ?? Buffer.from('-'), value, headers };
  const result = decode(message);
  if (!result.ok) throw stillWrong(result.reason, result.field);
  const changed = changedOf(received, message);
  if (changed !== undefined) throw notKept(changed);
  const key = received.key ?? Buffer.from((contract as Contract<typeof result.value.kind>).keyOf(result.value.message));
  const source = 'sourceSystem' in result.value.message ? result.value.message.sourceSystem : undefined;
  return {
    key,
    value,
    headers: source === undefined ? headers : { ...headers, ce_source: Buffer.from(`/corebanking/${source}`) },
  };
}

/** Why a correction may not be applied instead of what was received: it changes, or cannot keep, what only the source may change. */
export function refuseCorrection(received: RawMessage, correction: RawMessage): Rejected | undefined {
  const changed = changedOf(received, correction);
  return changed && rejected(correction, Reason.onlyBySource, changed.field);
}

function changedOf(received: RawMessage, correction: RawMessage): ChangedField | undefined {
  const contract = contractOf(received.topic);
  if (contract === undefined || !isCorrectable(contract.kind)) return { field: 'value', isUnreadable: true };
  const kept = keptFields[contract.kind];
  return changedField(fieldsOf(received, contract, kept), fieldsOf(correction, contract, kept));
}

function stillWrong(reason: string, field: string) {
  const violation: FieldViolation = {
    field: field === '' ? 'json' : `json.${field}`,
    description: `could still not be applied: ${reason}`,
  };
  return invalidFields([violation], Reason.stillNotApplicable);
}

function notKept({ field, isUnreadable }: ChangedField) {
  const description = isUnreadable
    ? 'cannot be read in what was received, so a correction cannot keep it: ask the source to send it again'
    : 'must stay as it was received: only a new message of the source may change it';
  return invalidFields([{ field: `json.${field}`, description }], Reason.onlyBySource);
}
