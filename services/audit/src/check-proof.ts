/**
 * Checks a proof of the audit log with the bank's public key alone. Needs nothing but Node, so that somebody who was given a proof can run it by itself:
 *
 *   node check-proof.ts proof.json --public-key key.pem
 *
 * It shares no line with what makes proofs but the type of the file, which Node passes over: roots are computed by the definitions of RFC 6962 (2.1.1 and 2.1.2), messages are read by their wire format.
 */
import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Proof, SignedText } from './domain/proof.ts';

/** What a proof says, once it holds; or why it does not. */
export type Checked = { holds: true; lines: string[] } | { holds: false; reason: string };

export function checkProof(text: string, publicKeyPem: readonly string[]): Checked {
  try {
    const keys = publicKeyPem.map((pem) => createPublicKey(pem));
    return { holds: true, lines: linesOf(JSON.parse(text) as Proof, keys) };
  } catch (error) {
    return { holds: false, reason: error instanceof Error ? error.message : String(error) };
  }
}

/** Throws where the proof does not hold. */
function linesOf(proof: Proof, keys: readonly KeyObject[]): string[] {
  if (proof?.format !== 'bankcrm audit proof v1') throw new Error('it is not a proof of the audit log, version 1');
  const { entry, batch, head, newest } = proof;
  const covering = readHead(head, keys, 'the head that covers the entry');
  const last = readHead(newest, keys, 'the newest head');

  const received = bytesOf(entry.received);
  const index = numberOf(entry.position) - numberOf(batch.firstPosition);
  const batchRoot = rootByPath(leafHash(received), index, batch.size, batch.path.map(hashOf));
  if (!batchRoot.equals(hashOf(batch.root))) throw new Error('the entry is not in the batch at this position');

  const record = Buffer.concat([
    int32(entry.shard),
    int64(numberOf(batch.firstPosition)),
    int32(batch.size),
    hashOf(batch.root),
    hashOf(batch.previous),
  ]);
  const headRoot = rootByPath(leafHash(record), numberOf(head.index), covering.batchCount, head.path.map(hashOf));
  if (!headRoot.equals(covering.root)) throw new Error('the batch is not in the tree of the signed head');

  if (last.number < covering.number) throw new Error('the newest head is older than the one that covers the entry');
  if (!growsInto(covering, last, newest.path.map(hashOf))) {
    throw new Error('the newest head does not continue the log that the covering head was signed over');
  }

  const { entryId, ...facts } = readEntry(received);
  if (entry.name !== `auditEntries/${entryId}` && entry.name !== `auditEntries/${idOfUnreadable(received)}`) {
    throw new Error(`the entry in the proof is auditEntries/${entryId}, not ${entry.name}`);
  }
  return [
    `${entry.name} stands in the log as of ${covering.signTime}: shard ${entry.shard}, position ${entry.position}, head ${covering.number}.`,
    `It has stood there unchanged in the log as of ${last.signTime}: head ${last.number}, ${last.entryCount} entries.`,
    ...Object.entries(facts)
      .filter(([, value]) => value !== '')
      .map(([name, value]) => `  ${name}: ${value}`),
  ];
}

// ── hashes

const sha256 = (...parts: Uint8Array[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const leafHash = (leaf: Uint8Array): Buffer => sha256(Buffer.from([0]), leaf);
const nodeHash = (left: Uint8Array, right: Uint8Array): Buffer => sha256(Buffer.from([1]), left, right);

/** The largest power of two below a size. */
function splitOf(size: number): number {
  let split = 1;
  while (split * 2 < size) split *= 2;
  return split;
}

/** The root that a leaf has by its path (RFC 6962, 2.1.1). Throws where the path cannot be that of a leaf there. */
export function rootByPath(leaf: Buffer, index: number, size: number, path: readonly Buffer[]): Buffer {
  if (!(index >= 0 && index < size)) throw new Error(`a tree of ${size} has no leaf ${index}`);
  if (size === 1) {
    if (path.length > 0) throw new Error('a path is too long');
    return leaf;
  }
  const sibling = path.at(-1);
  if (sibling === undefined) throw new Error('a path is too short');
  const split = splitOf(size);
  const rest = path.slice(0, -1);
  return index < split
    ? nodeHash(rootByPath(leaf, index, split, rest), sibling)
    : nodeHash(sibling, rootByPath(leaf, index - split, size - split, rest));
}

export interface Tree {
  batchCount: number;
  root: Buffer;
}

/** Whether the newer tree begins with the older one (RFC 6962, 2.1.2): the path has to give both roots. */
export function growsInto(older: Tree, newer: Tree, path: readonly Buffer[]): boolean {
  const rest = [...path];
  const roots = (oldSize: number, size: number, isWhole: boolean): { old: Buffer; new: Buffer } => {
    if (oldSize === size) {
      const root = isWhole ? older.root : rest.pop();
      if (root === undefined) throw new Error('a path is too short');
      return { old: root, new: root };
    }
    const sibling = rest.pop();
    if (sibling === undefined) throw new Error('a path is too short');
    const split = splitOf(size);
    if (oldSize <= split) {
      const left = roots(oldSize, split, isWhole);
      return { old: left.old, new: nodeHash(left.new, sibling) };
    }
    const right = roots(oldSize - split, size - split, false);
    return { old: nodeHash(sibling, right.old), new: nodeHash(sibling, right.new) };
  };
  if (older.batchCount < 1 || older.batchCount > newer.batchCount) return false;
  const found = roots(older.batchCount, newer.batchCount, true);
  return rest.length === 0 && found.old.equals(older.root) && found.new.equals(newer.root);
}

// ── the wire format of Protocol Buffers

type Field = { number: number; value: bigint; bytes: Buffer };

function* fieldsOf(message: Buffer): Generator<Field> {
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = message[at];
      if (byte === undefined) break;
      at += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new Error('a message cannot be read');
  };
  const take = (length: number): Buffer => {
    if (at + length > message.length) throw new Error('a message cannot be read');
    at += length;
    return message.subarray(at - length, at);
  };
  while (at < message.length) {
    const tag = varint();
    const number = Number(tag >> 3n);
    const none = Buffer.alloc(0);
    if ((tag & 7n) === 0n) yield { number, value: varint(), bytes: none };
    else if ((tag & 7n) === 1n) yield { number, value: 0n, bytes: take(8) };
    else if ((tag & 7n) === 2n) yield { number, value: 0n, bytes: take(Number(varint())) };
    else if ((tag & 7n) === 5n) yield { number, value: 0n, bytes: take(4) };
    else throw new Error('a message cannot be read');
  }
}

/** The last value of each field, as the format has it. */
function read(message: Buffer) {
  const fields = new Map<number, Field>();
  for (const field of fieldsOf(message)) fields.set(field.number, field);
  return {
    number: (field: number): number => safe(BigInt.asIntN(64, fields.get(field)?.value ?? 0n)),
    bytes: (field: number): Buffer => fields.get(field)?.bytes ?? Buffer.alloc(0),
    text: (field: number): string => (fields.get(field)?.bytes ?? Buffer.alloc(0)).toString('utf8'),
  };
}

function timeOf(message: Buffer): string {
  const time = read(message);
  return new Date(time.number(1) * 1000 + Math.trunc(time.number(2) / 1_000_000)).toISOString();
}

const signedAs = Buffer.from('bankcrm audit head v1\0');

/** Throws unless one of the keys signed it. */
function readHead({ head, signature }: SignedText, keys: readonly KeyObject[], what: string) {
  const bytes = bytesOf(head);
  if (!keys.some((key) => verify(null, Buffer.concat([signedAs, bytes]), key, bytesOf(signature)))) {
    throw new Error(`${what} was not signed by the key`);
  }
  const fields = read(bytes);
  return {
    number: fields.number(1),
    signTime: timeOf(fields.bytes(2)),
    batchCount: fields.number(4),
    root: fields.bytes(5),
    entryCount: fields.number(6),
  };
}

const decisions = ['', 'allowed', 'refused'];

/** What cannot be read has no fields. */
function readOrNothing(received: Buffer) {
  try {
    return read(received);
  } catch {
    return read(Buffer.alloc(0));
  }
}

/** Bytes that are no entry are kept all the same, under an id made from them (UUIDv8 from SHA-256). */
function idOfUnreadable(received: Buffer): string {
  const bytes = sha256(Buffer.from(`8:received64:${sha256(received).toString('hex')}`)).subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

function readEntry(received: Buffer) {
  const fields = readOrNothing(received);
  return {
    entryId: fields.text(1),
    when: timeOf(fields.bytes(4)),
    who: fields.text(5),
    'on behalf of': fields.text(20),
    what: fields.text(6),
    customer: fields.text(7),
    resource: fields.text(8),
    decision: decisions[fields.number(9)] ?? String(fields.number(9)),
    reason: fields.text(10),
    from: fields.text(11),
    service: `${fields.text(2)}, its entry ${fields.number(3)}`,
  };
}

// ── values of the file

function bytesOf(text: string): Buffer {
  if (typeof text !== 'string') throw new Error('a field is missing');
  return Buffer.from(text, 'base64');
}

function hashOf(text: string): Buffer {
  const bytes = bytesOf(text);
  if (bytes.length !== 32) throw new Error('a hash has not 32 bytes');
  return bytes;
}

function safe(value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER) || value < -BigInt(Number.MAX_SAFE_INTEGER))
    throw new Error('a number is too large');
  return Number(value);
}

const numberOf = (text: string): number => safe(BigInt(text));

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function int64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
}

/** Checks a file and says in words what it proves. Gives the exit code: 0 it holds, 1 it does not, 2 for a wrong call. */
export function runCheck(args: readonly string[]): number {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { 'public-key': { type: 'string', multiple: true } },
  });
  const [file] = positionals;
  const keyFiles = values['public-key'] ?? [];
  if (file === undefined || positionals.length > 1 || keyFiles.length === 0) {
    console.error('check <file> --public-key <pem file>');
    return 2;
  }
  const checked = checkProof(
    readFileSync(file, 'utf8'),
    keyFiles.map((path) => readFileSync(path, 'utf8')),
  );
  if (!checked.holds) {
    console.log(`This proves nothing: ${checked.reason}.`);
    return 1;
  }
  for (const line of checked.lines) console.log(line);
  return 0;
}

if (import.meta.main) process.exitCode = runCheck(process.argv.slice(2));
