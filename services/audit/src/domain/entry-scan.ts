/**
 * Reads the wire format of an entry by hand, for the many that every service writes: known fields, numbers of some size. It makes no objects and no texts, and does
 * not look into texts: one that is not of ASCII, and all that is not so plain, is left to `indexOf`, which decodes the message as the contract says.
 */

/** Where an entry's fields stand in the bytes scanned, and its numbers. One is used again and again. */
export interface EntryScan {
  /** Start of 36 characters. */
  entryId: number;
  /** Start of the 36 characters behind `customers/`; -1: the entry concerns no customer. */
  customerId: number;
  service: Span;
  actor: Span;
  operation: Span;
  reason: Span;
  number: number;
  /** 0 where the entry tells none. */
  eventTimeMs: number;
  decision: number;
  highPrivilege: boolean;
  identifying: boolean;
  financial: boolean;
}

/** A text in the bytes: from its start to before its end. */
export interface Span {
  start: number;
  end: number;
}

export const newScan = (): EntryScan => ({
  entryId: -1,
  customerId: -1,
  service: { start: 0, end: 0 },
  actor: { start: 0, end: 0 },
  operation: { start: 0, end: 0 },
  reason: { start: 0, end: 0 },
  number: 0,
  eventTimeMs: 0,
  decision: 0,
  highPrivilege: false,
  identifying: false,
  financial: false,
});

/** A column in an index takes some 2,700 bytes. */
export const maxTextLength = 500;
export const latestTimeMs = Date.parse('9999-12-31T23:59:59.999Z');

const uuidLength = 36;
const customersPrefix = Buffer.from('customers/');
/** Of `DataClass`. */
const c2Identifying = 2;
const c2Financial = 3;

/** Position behind the varint read last. */
let behind = 0;

/** A varint of at most seven bytes, 49 bits; -1 for a longer one and one that does not end. */
function varint(bytes: Uint8Array, from: number, end: number): number {
  let value = 0;
  let factor = 1;
  for (let at = from; at < end && at < from + 7; at += 1) {
    const byte = bytes[at]!;
    value += (byte & 0x7f) * factor;
    if (byte < 0x80) {
      behind = at + 1;
      return value;
    }
    factor *= 128;
  }
  return -1;
}

/** Whether a text is of ASCII without NUL. */
export function isPlainText(bytes: Uint8Array, { start, end }: Span): boolean {
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at]!;
    if (byte === 0 || byte > 0x7f) return false;
  }
  return true;
}

/** Values of the digits of a UUID in lower case by their codes; -1 for what is none. */
const digits = new Int8Array(256).fill(-1);
for (let value = 0; value < 16; value += 1) digits[value.toString(16).charCodeAt(0)] = value;

/** Value of a digit of a UUID in lower case; negative for what is none. */
export const digitAt = (bytes: Uint8Array, at: number): number => digits[bytes[at]!]!;

/** Whether the 36 bytes from here on are a UUID in lower case. */
function isUuidAt(bytes: Uint8Array, start: number): boolean {
  if (bytes[start + 8] !== hyphen || bytes[start + 13] !== hyphen || bytes[start + 18] !== hyphen || bytes[start + 23] !== hyphen)
    return false;
  // One that is negative makes all of them negative.
  let all = 0;
  for (let at = start; at < start + 8; at += 1) all |= digitAt(bytes, at);
  for (let at = start + 9; at < start + 13; at += 1) all |= digitAt(bytes, at);
  for (let at = start + 14; at < start + 18; at += 1) all |= digitAt(bytes, at);
  for (let at = start + 19; at < start + 23; at += 1) all |= digitAt(bytes, at);
  for (let at = start + 24; at < start + uuidLength; at += 1) all |= digitAt(bytes, at);
  return all >= 0;
}

const hyphen = 0x2d;

const setSpan = (span: Span, start: number, end: number): boolean => {
  span.start = start;
  span.end = end;
  return end - start <= maxTextLength;
};

/** Reads an entry from `start` to before `end`. False: not a plain one, `into` means nothing then. */
export function scanEntry(bytes: Uint8Array, start: number, end: number, into: EntryScan): boolean {
  into.entryId = -1;
  into.customerId = -1;
  into.service.start = into.service.end = 0;
  into.actor.start = into.actor.end = 0;
  into.operation.start = into.operation.end = 0;
  into.reason.start = into.reason.end = 0;
  into.number = 0;
  into.eventTimeMs = 0;
  into.decision = 0;
  into.highPrivilege = false;
  into.identifying = false;
  into.financial = false;
  let hasTime = false;
  let at = start;
  while (at < end) {
    const tag = varint(bytes, at, end);
    if (tag < 0) return false;
    at = behind;
    const value = varint(bytes, at, end);
    if (value < 0) return false;
    at = behind;
    switch (tag) {
      case 24: // number
        into.number = value;
        continue;
      case 72: // decision
        if (value > 0x7f) return false;
        into.decision = value;
        continue;
      case 120: // high_privilege
        if (value > 1) return false;
        into.highPrivilege = value === 1;
        continue;
      case 128: // count
        continue;
    }
    const fieldStart = at;
    at += value;
    if (at > end) return false;
    switch (tag) {
      case 106: // old_value_hash
      case 114: // new_value_hash
      case 138: // query_hash
        continue;
      case 34: // event_time
        if (hasTime || !scanTime(bytes, fieldStart, at, into)) return false;
        hasTime = true;
        continue;
      case 154: // fields
        if (!scanField(bytes, fieldStart, at, into)) return false;
        continue;
    }
    switch (tag) {
      case 10: // entry_id
        if (value !== uuidLength || !isUuidAt(bytes, fieldStart)) return false;
        into.entryId = fieldStart;
        continue;
      case 18:
        if (!setSpan(into.service, fieldStart, at)) return false;
        continue;
      case 42:
        if (!setSpan(into.actor, fieldStart, at)) return false;
        continue;
      case 50:
        if (!setSpan(into.operation, fieldStart, at)) return false;
        continue;
      case 58: // customer
        into.customerId = customerIdAt(bytes, fieldStart, value);
        continue;
      case 82:
        if (!setSpan(into.reason, fieldStart, at)) return false;
        continue;
      case 66: // resource
      case 90: // caller_address
      case 98: // trace_id
      case 146: // peer_address
      case 162: // on_behalf_of
      case 170: // approval
      case 178: // job_run
        continue;
      default:
        return false;
    }
  }
  return into.entryId >= 0;
}

function customerIdAt(bytes: Uint8Array, start: number, length: number): number {
  if (length !== customersPrefix.length + uuidLength) return -1;
  for (let at = 0; at < customersPrefix.length; at += 1) if (bytes[start + at] !== customersPrefix[at]) return -1;
  return isUuidAt(bytes, start + customersPrefix.length) ? start + customersPrefix.length : -1;
}

/** A `google.protobuf.Timestamp` from 1970 on. */
function scanTime(bytes: Uint8Array, start: number, end: number, into: EntryScan): boolean {
  let seconds = 0;
  let nanos = 0;
  let at = start;
  while (at < end) {
    const tag = bytes[at]!;
    const value = varint(bytes, at + 1, end);
    if (value < 0) return false;
    at = behind;
    if (tag === 8) seconds = value;
    else if (tag === 16 && value < 1_000_000_000) nanos = value;
    else return false;
  }
  // As the decoder of the contract computes it, rounding included.
  into.eventTimeMs = Math.trunc(seconds * 1000 + nanos / 1_000_000);
  return into.eventTimeMs <= latestTimeMs;
}

/** A `FieldUse`. */
function scanField(bytes: Uint8Array, start: number, end: number, into: EntryScan): boolean {
  let dataClass = 0;
  let at = start;
  while (at < end) {
    const tag = bytes[at]!;
    const value = varint(bytes, at + 1, end);
    if (value < 0) return false;
    at = behind;
    if (tag === 16 && value <= 0x7f) {
      dataClass = value;
    } else if (tag === 10 && at + value <= end) {
      at += value;
    } else {
      return false;
    }
  }
  into.identifying ||= dataClass === c2Identifying;
  into.financial ||= dataClass === c2Financial;
  return true;
}
