import { createHash } from 'node:crypto';
import { actorName, type Signer } from '@bankcrm/access';
import { appendToOutbox } from '@bankcrm/events';
import { denied, invalid, refused } from '@bankcrm/kernel';
import {
  type ExportAuditEntriesRequest,
  ExportAuditEntriesRequest_Format as Format,
} from '@bankcrm/proto/gen/bankcrm/audit/v1/audit.ts';
import { SignedHead } from '@bankcrm/proto/gen/bankcrm/audit/v1/heads.ts';
import type { HttpBody } from '@bankcrm/proto/gen/google/api/httpbody.ts';
import { auditEntry, auditEvent, type Call } from '@bankcrm/service';
import { inChunks } from '../domain/chunks.ts';
import { customerIn } from '../domain/criteria.ts';
import { type ExportFormat, headerOf, lineOf } from '../domain/export-lines.ts';
import { type ExportStatement, signedExport, trailerLine } from '../domain/export-proof.ts';
import { parseReason } from '../domain/texts.ts';
import { newestAnchored } from '../store/anchored.ts';
import { customersShown } from '../store/customers.ts';
import { type After, countEntries, searchEntries, type Wanted } from '../store/search.ts';
import { entryToWire } from '../store/wire.ts';
import { askedFor, asReader, type ReadDeps, reading } from './deps.ts';
import { readCriteria } from './read-criteria.ts';

export interface ExportDeps extends ReadDeps {
  signer: Signer;
}

export interface ExportLimits {
  entries: number;
  /** Entries that one transaction reads. */
  page: number;
}

const standard: ExportLimits = { entries: 100_000, page: 1_000 };
const chunkBytes = 64 * 1024;
const files = {
  CSV: { contentType: 'text/csv; charset=utf-8', ending: 'csv' },
  JSON_LINES: { contentType: 'application/jsonl', ending: 'jsonl' },
};

/** What was found when the export began: it stays the same until its end, whatever is logged meanwhile. */
interface Opened {
  wanted: Wanted;
  statement: Omit<ExportStatement, 'sha256'>;
}

/**
 * A file of the entries that the caller asks for and an anchored head covers, oldest first, with a signed last line. It is recorded before the first byte leaves. Throws
 * INVALID for what cannot be read, DENIED `CUSTOMERS_HIDDEN` to somebody to whom no customers are shown: the bytes of an entry name them. An entry about a customer
 * whom the caller does not see stands in the file without its bytes and without what names the customer; where such a one is looked for, the file is empty. Throws
 * REFUSED `EXPORT_TOO_LARGE`.
 */
export const exportEntries = (deps: ExportDeps, limits = standard) =>
  async function* (request: ExportAuditEntriesRequest, call: Call): AsyncGenerator<HttpBody> {
    const format = formatOf(request.format);
    const opened = await open(deps, limits, { ...request, reason: parseReason(request.reason) }, format, call);
    let { contentType } = files[format];
    call.nameFile(`audit-entries-${opened.statement.time.slice(0, 10)}.${files[format].ending}`);
    for await (const data of inChunks(fileOf(deps, limits, opened, call), chunkBytes)) {
      yield { contentType, data, extensions: [] };
      // Said once.
      contentType = '';
    }
  };

/** Fixes what is exported and records it, in a transaction that ends before anything is sent. */
function open(
  deps: ExportDeps,
  limits: ExportLimits,
  { filter, reason }: ExportAuditEntriesRequest,
  format: ExportFormat,
  call: Call,
): Promise<Opened> {
  const queryHash = askedFor(deps, filter);
  call.asksFor(queryHash);
  const conditions = readCriteria(filter);
  const customerId = customerIn(conditions);
  return asReader(deps, call, async (tx, reader) => {
    if (reader.customers === undefined) throw denied('CUSTOMERS_HIDDEN');
    const anchored = await newestAnchored(tx);
    const isInSight = customerId === undefined || (await customersShown(tx, reader, [{ customerId }]))({ customerId });
    const wanted: Wanted = { reader, conditions, ends: (isInSight && anchored?.ends) || [] };
    const entryCount = await countEntries(tx, { ...wanted, limit: limits.entries + 1 });
    if (entryCount > limits.entries) throw refused('EXPORT_TOO_LARGE', { limit: limits.entries });
    const time = deps.clock.now();
    const record = auditEntry(call, {
      service: 'audit',
      time,
      reason,
      queryHash,
      count: BigInt(entryCount),
      ...(customerId !== undefined && { customer: `customers/${customerId}` }),
    });
    await appendToOutbox(tx, [auditEvent(record)]);
    const head = anchored?.head;
    const statement: Opened['statement'] = {
      export: 'bankcrm audit export v1',
      format,
      record: `auditEntries/${record.entryId}`,
      filter,
      reason,
      actor: actorName(call.caller),
      time: time.toISOString(),
      entryCount,
      head: String(head?.number ?? 0n),
      until: head?.signTime.toISOString() ?? '',
      signedHead: head === undefined ? '' : Buffer.from(SignedHead.encode(head).finish()).toString('base64'),
    };
    return { wanted, statement };
  });
}

/** The file in pieces: header, pages of entries, and the proof over all that went before. */
async function* fileOf(
  deps: ExportDeps,
  limits: ExportLimits,
  { wanted, statement }: Opened,
  call: Call,
): AsyncGenerator<string> {
  const { format } = statement;
  const hash = createHash('sha256');
  const piece = (text: string): string => {
    hash.update(text);
    return text;
  };
  yield piece(headerOf(format));
  let written = 0;
  let after: After | undefined;
  for (;;) {
    call.signal.throwIfAborted();
    const { page, shows } = await reading(deps, wanted.reader, async (tx) => {
      const page = await searchEntries(tx, { ...wanted, ...(after && { after }), limit: limits.page, oldestFirst: true });
      return { page, shows: await customersShown(tx, wanted.reader, page) };
    });
    const lines = page.map((found) => {
      const isShown = shows(found);
      return lineOf(format, { shown: entryToWire(found, isShown), received: found.received, isWithheld: !isShown });
    });
    yield piece(lines.join(''));
    written += page.length;
    after = page.at(-1);
    if (page.length < limits.page) break;
  }
  // The log is only ever added to: somebody has changed it under the export, and then there is nothing to sign.
  if (written !== statement.entryCount) throw new Error(`the log had ${statement.entryCount} entries to export, then ${written}`);
  const text = JSON.stringify({ ...statement, sha256: hash.digest('hex') });
  yield trailerLine(format, { text, keyVersion: deps.signer.keyVersion, signature: await deps.signer.sign(signedExport(text)) });
}

function formatOf(format: Format): ExportFormat {
  if (format === Format.CSV) return 'CSV';
  if (format === Format.JSON_LINES) return 'JSON_LINES';
  throw invalid('format', 'must be one of FORMAT_CSV, FORMAT_JSON_LINES');
}
