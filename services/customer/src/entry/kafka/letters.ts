import { isDeepStrictEqual } from 'node:util';
import { jsonType } from '@bankcrm/contract';
import { headerText, type MessageContent, type RawMessage, type Rejected, rejected } from '@bankcrm/events';
import { type FieldViolation, invalid, invalidFields } from '@bankcrm/kernel';
import { optionReader, registry } from '@bankcrm/proto/descriptors';
import type { FieldUse } from '@bankcrm/proto/gen/bankcrm/audit/v1/entries.ts';
import { changedFieldsOf } from '@bankcrm/service';
import { type DescMessage, fromBinary, type JsonObject, toJson, toJsonString } from '@bufbuild/protobuf';
import { type ChangedField, changedField, isCorrectable, keptFields } from '../../domain/correction.ts';
import { Reason } from '../../domain/reasons.ts';
import { contractOf, decode } from './decode.ts';
import { fieldsOf } from './received-fields.ts';

const dataClass = optionReader<number>('bankcrm.options.v1.data_class');

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
  const key = received.key ?? Buffer.from(contract.keyOf(result.value.message));
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

/** The fields in which a correction is not as the message before; those that cannot be read there among them. */
export function correctedFields(before: RawMessage, after: RawMessage): FieldUse[] {
  const contract = contractOf(before.topic);
  const schema = registry.getMessage(contract?.messageName ?? '');
  if (contract === undefined || schema === undefined) return [];
  const names = schema.fields.map(({ name }) => name);
  const [then, now] = [before, after].map((raw) => fieldsOf(raw, contract, names));
  const paths = names.flatMap((name) => {
    const [was, is] = [then!.get(name), now!.get(name)];
    if (was === undefined || is === undefined) return [name];
    return was.equals(is) ? [] : differing(schema, jsonObjectOf(schema, was), jsonObjectOf(schema, is));
  });
  return changedFieldsOf(schema.typeName)(paths);
}

/** Paths of the fields that differ between two messages in JSON, down to those within messages; a list or an amount differs as a whole. */
function differing({ fields }: DescMessage, was: JsonObject, is: JsonObject, path = ''): string[] {
  return fields.flatMap((field) => {
    const [before, after] = [was[field.jsonName], is[field.jsonName]];
    if (isDeepStrictEqual(before, after)) return [];
    const name = `${path}${field.name}`;
    const isGroup = field.fieldKind === 'message' && field.message.typeName.startsWith('corebanking.') && !dataClass(field);
    return isGroup ? differing(field.message, objectOf(before), objectOf(after), `${name}.`) : [name];
  });
}

const jsonObjectOf = (schema: DescMessage, encoded: Buffer) => toJson(schema, fromBinary(schema, encoded)) as JsonObject;
const objectOf = (value: JsonObject[string] | undefined): JsonObject => (value as JsonObject | undefined) ?? {};

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
