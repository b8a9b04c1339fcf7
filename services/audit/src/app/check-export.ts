import { createHash, type KeyObject } from 'node:crypto';
import { isSigned } from '@bankcrm/access';
import { Head, SignedHead } from '@bankcrm/proto/gen/bankcrm/audit/v1/heads.ts';
import { indexOf } from '../domain/entry-index.ts';
import { type ExportFormat, headerOf, lineOf, readLine } from '../domain/export-lines.ts';
import { type ExportStatement, readTrailer, signedExport, type Trailer } from '../domain/export-proof.ts';
import { signedBytes } from '../domain/head.ts';
import { lastLine, linesOf } from '../store/export-file.ts';
import { entryToWire } from '../store/wire.ts';

/** What a check found: the statement where one is signed, and what is wrong, at most the first few. */
export interface Checked {
  statement: ExportStatement | undefined;
  wrong: string[];
}

const maxWrong = 20;

/**
 * Checks an exported file by public keys alone: the signature, that the lines are those signed for, that each tells of its entry what the entry's bytes say, and the
 * anchored head. Whether the log has the entries is proven of each by `prove`.
 */
export async function checkExport(path: string, publicKeys: readonly KeyObject[]): Promise<Checked> {
  const { line, start } = await lastLine(path);
  const trailer = readTrailer(line);
  if (trailer === undefined)
    return { statement: undefined, wrong: ['The file has no proof at its end: it is cut off, or no export.'] };
  const { statement, keyVersion, signature, text } = trailer;
  const isSignedByBank = (signed: { keyVersion: number; signature: Uint8Array }, bytes: Uint8Array): boolean =>
    publicKeys.some((key) => isSigned(signed, bytes, new Map([[signed.keyVersion, key]])));
  // What nobody has signed for says nothing about the lines either.
  if (!isSignedByBank({ keyVersion, signature }, signedExport(text)))
    return { statement: undefined, wrong: ['The proof is not signed by the key.'] };
  const wrong = headProblems(statement, isSignedByBank);
  const { sha256, entryCount, problems } = await readLines(path, start, trailer);
  if (sha256 !== statement.sha256) wrong.push('The lines are not those that the proof was made over.');
  if (entryCount !== statement.entryCount)
    wrong.push(`The file has ${entryCount} entries, the proof says ${statement.entryCount}.`);
  wrong.push(...problems);
  return { statement, wrong: wrong.slice(0, maxWrong) };
}

function headProblems(
  { head, signedHead, until, entryCount }: ExportStatement,
  isSignedByBank: (signed: SignedHead, bytes: Uint8Array) => boolean,
): string[] {
  if (head === '0' && entryCount === 0) return [];
  try {
    const signed = SignedHead.decode(Buffer.from(signedHead, 'base64'));
    if (!isSignedByBank(signed, signedBytes(signed.head))) return ['The head is not signed by the key.'];
    const { number, signTime } = Head.decode(signed.head);
    return String(number) === head && signTime?.toISOString() === until ? [] : ['The head is another one than the proof says.'];
  } catch {
    return ['The head cannot be read.'];
  }
}

/** Hashes what stands before the last line, and looks at each line of it. */
async function readLines(
  path: string,
  end: number,
  { statement: { format, head } }: Trailer,
): Promise<{ sha256: string; entryCount: number; problems: string[] }> {
  const hash = createHash('sha256');
  const problems: string[] = [];
  let entryCount = 0;
  let before = '';
  let header = headerOf(format);
  for await (const line of linesOf(path, end, { hash, isCsv: format === 'CSV' })) {
    if (header !== '') {
      if (line !== header) problems.push('The first line does not name the columns.');
      header = '';
      continue;
    }
    entryCount += 1;
    const { problem, order } = entryIn(format, line, BigInt(head));
    if (problem !== undefined || order <= before) problems.push(`Entry ${entryCount} ${problem ?? 'breaks the order'}.`);
    if (problems.length > maxWrong) problems.length = maxWrong;
    before = order;
  }
  return { sha256: hash.digest('hex'), entryCount, problems };
}

/** What is wrong with an entry's line, and its place in the order of the file. */
function entryIn(format: ExportFormat, text: string, newest: bigint): { problem?: string; order: string } {
  const line = readLine(format, text);
  if (line === undefined) return { problem: 'says nothing that can be read', order: '' };
  const isKnown = line.head >= 1n && line.head <= newest;
  // Of one that is withheld nobody without the log can say more.
  const { order, isRight } = 'withheld' in line ? { order: line.withheld, isRight: true } : compared(format, text, line);
  if (!isKnown) return { problem: 'names a head beyond that of the proof', order };
  return isRight ? { order } : { problem: 'says something else than its leaf', order };
}

function compared(
  format: ExportFormat,
  text: string,
  line: { shard: number; position: bigint; head: bigint; received: Buffer },
): { order: string; isRight: boolean } {
  const { entryId, eventTime } = indexOf(line.received);
  const shown = entryToWire({ entryId, eventTime, ...line }, true);
  return {
    order: `${eventTime.toISOString()} ${entryId}`,
    isRight: text === lineOf(format, { shown, received: line.received, isWithheld: false }),
  };
}
