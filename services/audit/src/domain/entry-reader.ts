import { isUuid } from '@bankcrm/kernel';
import { DataClass } from '@bankcrm/proto/gen/bankcrm/options/v1/options.ts';
import { type EntryIndex, maxTextLength, noTime } from './entry-columns.ts';

/**
 * What is found of an entry, read from its bytes without making the rest of it: a view of a customer names some thirty fields, and decoding them takes longer than
 * all else that is done with an entry. Reads entries as services write them: texts of ASCII, known fields, small numbers in few bytes. Undefined for everything
 * else, which may be an entry all the same: whoever calls has it decoded then. Where it reads an entry it gives what decoding gives.
 */
export function quickIndexOf(bytes: Uint8Array): EntryIndex | undefined {
  const index: EntryIndex = {
    entryId: '',
    service: '',
    number: 0n,
    eventTime: noTime,
    actor: '',
    operation: '',
    customerId: null,
    decision: 0,
    reason: '',
    highPrivilege: false,
    identifying: false,
    financial: false,
    readable: true,
  };
  const buffer = bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = buffer.length;
  let at = 0;
  while (at < end) {
    const tag = buffer[at]!;
    at += 1;
    if (tag === numberTag) {
      const number = varint(buffer, at, end);
      if (number === undefined) return undefined;
      index.number = BigInt(number);
      at = afterVarint(buffer, at);
    } else if (tag === decisionTag || tag === highPrivilegeTag) {
      const value = at < end ? buffer[at]! : 0x80;
      if (value >= 0x80) return undefined;
      if (tag === decisionTag) index.decision = value;
      else index.highPrivilege = value !== 0;
      at += 1;
    } else if (tag >= 0x80) {
      // Fields from 16 on have tags of two bytes.
      if (buffer[at] !== 1) return undefined;
      at += 1;
      if (tag === countTag) {
        if (varint(buffer, at, end) === undefined) return undefined;
        at = afterVarint(buffer, at);
        continue;
      }
      const start = afterLength(buffer, at, end);
      const length = lengthAt(buffer, at);
      if (start < 0 || start + length > end) return undefined;
      at = start + length;
      if (tag === fieldsTag) {
        const dataClass = classOf(buffer, start, at);
        if (dataClass < 0) return undefined;
        if (dataClass === DataClass.C2_IDENTIFYING) index.identifying = true;
        else if (dataClass === DataClass.C2_FINANCIAL) index.financial = true;
      } else if (!longTagsPassedOver.includes(tag)) return undefined;
    } else {
      const start = afterLength(buffer, at, end);
      const length = lengthAt(buffer, at);
      if (start < 0 || start + length > end) return undefined;
      at = start + length;
      if (tagsPassedOver.includes(tag)) continue;
      if (tag === eventTimeTag) {
        const time = timeOf(buffer, start, at);
        if (time === undefined) return undefined;
        index.eventTime = time;
        continue;
      }
      const text = textOf(buffer, start, at);
      if (text === undefined) return undefined;
      if (tag === entryIdTag) index.entryId = text;
      else if (tag === serviceTag) index.service = text;
      else if (tag === actorTag) index.actor = text;
      else if (tag === operationTag) index.operation = text;
      else if (tag === reasonTag) index.reason = text;
      else if (tag === customerTag) index.customerId = customerIdOf(text);
      else return undefined;
    }
  }
  return isUuid(index.entryId) ? index : undefined;
}

/** A field's number and its wire type: 2 is a length and bytes, 0 a varint (protobuf encoding guide). From 16 on this is the first byte, and the second is 1. */
const tagOf = (field: number, wireType: 0 | 2): number => (field << 3) | wireType;
const entryIdTag = tagOf(1, 2);
const serviceTag = tagOf(2, 2);
const numberTag = tagOf(3, 0);
const eventTimeTag = tagOf(4, 2);
const actorTag = tagOf(5, 2);
const operationTag = tagOf(6, 2);
const customerTag = tagOf(7, 2);
const decisionTag = tagOf(9, 0);
const reasonTag = tagOf(10, 2);
const highPrivilegeTag = tagOf(15, 0);
const countTag = tagOf(16, 0);
const fieldsTag = tagOf(19, 2);
/** Resource, addresses, trace, hashes; from 16 on query hash, peer, on whose behalf, approval, job run. */
const tagsPassedOver = [8, 11, 12, 13, 14].map((field) => tagOf(field, 2));
const longTagsPassedOver = [17, 18, 20, 21, 22].map((field) => tagOf(field, 2));

/** A length of one byte or two. */
const lengthAt = (buffer: Buffer, at: number): number =>
  buffer[at]! < 0x80 ? buffer[at]! : (buffer[at]! & 0x7f) | (buffer[at + 1]! << 7);

/** Where the bytes begin behind a length; below 0 for a length that is longer or not there. */
function afterLength(buffer: Buffer, at: number, end: number): number {
  if (at >= end) return -1;
  if (buffer[at]! < 0x80) return at + 1;
  return at + 1 < end && buffer[at + 1]! < 0x80 ? at + 2 : -1;
}

/** A number of up to 49 bits; undefined for a larger one, or none. */
function varint(buffer: Buffer, start: number, end: number): number | undefined {
  let value = 0;
  let scale = 1;
  for (let at = start; at < end && at < start + 7; at += 1) {
    const byte = buffer[at]!;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return value;
    scale *= 0x80;
  }
  return undefined;
}

function afterVarint(buffer: Buffer, start: number): number {
  let at = start;
  while (buffer[at]! >= 0x80) at += 1;
  return at + 1;
}

/** Seconds and nanoseconds, each once at most. */
function timeOf(buffer: Buffer, start: number, end: number): Date | undefined {
  let at = start;
  let seconds = 0;
  let nanos = 0;
  while (at < end) {
    const tag = buffer[at]!;
    const value = varint(buffer, at + 1, end);
    if (value === undefined) return undefined;
    if (tag === tagOf(1, 0)) seconds = value;
    else if (tag === tagOf(2, 0) && value < 1_000_000_000) nanos = value;
    else return undefined;
    at = afterVarint(buffer, at + 1);
  }
  return seconds <= latestSeconds ? new Date(seconds * 1_000 + nanos / 1_000_000) : undefined;
}

/** 9999-12-31. */
const latestSeconds = 253_402_300_799;

/** The class of a `FieldUse`; below 0 where it holds something else than a name and a class. */
function classOf(buffer: Buffer, start: number, end: number): number {
  let at = start;
  let dataClass = 0;
  while (at < end) {
    const tag = buffer[at]!;
    const value = at + 1 < end ? buffer[at + 1]! : 0x80;
    if (value >= 0x80) return -1;
    if (tag === tagOf(1, 2)) at += 2 + value;
    else if (tag === tagOf(2, 0)) {
      dataClass = value;
      at += 2;
    } else return -1;
  }
  return at === end ? dataClass : -1;
}

/** Undefined for what is not ASCII, has a NUL or is too long. */
function textOf(buffer: Buffer, start: number, end: number): string | undefined {
  if (end - start > maxTextLength) return undefined;
  for (let at = start; at < end; at += 1) if (buffer[at]! >= 0x80 || buffer[at] === 0) return undefined;
  return buffer.toString('latin1', start, end);
}

const customerPrefix = 'customers/';

function customerIdOf(name: string): string | null {
  const id = name.slice(customerPrefix.length);
  return name.startsWith(customerPrefix) && isUuid(id) ? id : null;
}
