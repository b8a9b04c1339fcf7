import { createHash, generateKeyPairSync, verify } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { auditHash } from '@bankcrm/access';
import { newId } from '@bankcrm/kernel';
import { ExportAuditEntriesRequest_Format as Format } from '@bankcrm/proto/gen/bankcrm/audit/v1/audit.ts';
import { Decision, Entry } from '@bankcrm/proto/gen/bankcrm/audit/v1/entries.ts';
import { Head, SignedHead } from '@bankcrm/proto/gen/bankcrm/audit/v1/heads.ts';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkExport } from '../src/app/check-export.ts';
import { type ExportLimits, exportEntries } from '../src/app/export-entries.ts';
import { checkExportCommand } from '../src/entry/commands/check-export.ts';
import { callOf, type Person, personAs, personWith } from './support/callers.ts';
import { bytesOf, entry, type LogBench, openLog } from './support/log.ts';

const customer = `customers/${newId()}`;
const actor = `staff/${newId()}`;
const reveal = 'bankcrm.customer.v1.Customers/RevealFields';
/** More than a chunk of 64 KiB takes, in three pages of 100. */
const views = 250;

/** Begins in Base64 as a formula does. */
const rubbish = Buffer.from([0xfb, 0xff, 1]);
/** Of an entry whose job run is `broken`: a text that is no UTF-8. */
function withBrokenText(one: Entry): Buffer {
  const bytes = bytesOf(one);
  bytes[bytes.indexOf('broken')] = 0xff;
  return bytes;
}

describe('an export', () => {
  let log: LogBench;
  let folder: string;
  let officer: Person;
  /** Bytes by name. */
  const kept = new Map<string, Buffer>();
  beforeAll(async () => {
    log = await openLog();
    folder = mkdtempSync(join(tmpdir(), 'bankcrm-export-'));
    officer = personAs('compliance');
    const time = (at: number) => new Date(Date.parse('2026-05-01T00:00:00Z') + Math.floor(at / 3));
    const many = Array.from({ length: views }, (_, at) => entry({ number: BigInt(at + 1), eventTime: time(views - at) }));
    const odd = [
      entry({ number: 1_001n, actor, customer, operation: reveal, highPrivilege: true, reason: '=HYPERLINK("http://x","y")' }),
      entry({ number: 1_002n, actor, customer, operation: reveal, highPrivilege: true, decision: Decision.REFUSED }),
      entry({ number: 1_003n, actor, reason: 'two\nlines, and "quotes"', resource: '@x' }),
    ];
    const shards = [
      [...many.slice(0, 100), odd[0]!],
      [...many.slice(100), odd[1]!, odd[2]!],
    ];
    for (const [shard, entries] of shards.entries()) {
      const bytes = [
        ...entries.map(bytesOf),
        ...(shard === 1 ? [rubbish, withBrokenText(entry({ number: 1_005n, jobRun: 'broken' }))] : []),
      ];
      expect(await log.append(shard, bytes)).toEqual([]);
    }
    await log.settle();
    const { rows } = await log.workers.query('SELECT entry_id, received FROM audit.entry');
    for (const { entry_id, received } of rows) kept.set(`auditEntries/${entry_id}`, received);
    // Received, and under no head yet.
    await log.append(0, [bytesOf(entry({ number: 1_004n, actor, eventTime: new Date('2026-04-01T00:00:00Z') }))]);
  });
  afterAll(async () => {
    if (folder) rmSync(folder, { recursive: true });
    await log?.close();
  });

  interface Asked {
    filter?: string;
    format?: Format;
    reason?: string;
    person?: Person;
    limits?: ExportLimits;
    signal?: AbortSignal;
  }
  const deps = () => ({
    requests: log.requests,
    staff: { staffBelow: () => [] },
    pages: log.pages,
    auditKeys: log.keys.audit,
    clock: log.clock,
    signer: log.signer,
  });
  const asked = ({
    filter = '',
    format = Format.JSON_LINES,
    reason = '外部审计',
    person = officer,
    limits,
    signal,
  }: Asked = {}) =>
    exportEntries(deps(), limits ?? { entries: 10_000, page: 100 })(
      { filter, format, reason },
      callOf(person, 'exportAuditEntries', signal),
    );
  async function exported(what: Asked = {}): Promise<Buffer> {
    const chunks: Buffer[] = [];
    for await (const { data } of asked(what)) chunks.push(data);
    return Buffer.concat(chunks);
  }
  /** Of exports: the records that wait to be sent. */
  async function records(): Promise<Entry[]> {
    const { rows } = await log.workers.query<{ payload: Buffer }>('SELECT payload FROM events.outbox ORDER BY position');
    return rows.map(({ payload }) => Entry.decode(payload));
  }
  const publicKeys = () => [...log.signer.publicKeys.values()];
  const save = (name: string, bytes: Uint8Array): string => {
    writeFileSync(join(folder, name), bytes);
    return join(folder, name);
  };
  const check = (bytes: Uint8Array, keys = publicKeys()) => checkExport(save('checked', bytes), keys);
  const linesOf = (file: Buffer) => file.toString().trimEnd().split('\n');
  /** Rows of both formats by an independent reader. */
  function rowsOf(file: Buffer, format: Format): Record<string, string>[] {
    if (format === Format.JSON_LINES)
      return linesOf(file)
        .slice(0, -1)
        .map((line) => JSON.parse(line));
    return parse(file, { columns: true, comment: '#', comment_no_infix: true, record_delimiter: '\r\n' });
  }
  async function all<T>(stream: AsyncIterable<T>): Promise<T[]> {
    const found: T[] = [];
    for await (const one of stream) found.push(one);
    return found;
  }
  const inOrder = (a: [string, number], b: [string, number]) => a[1] - b[1] || (a[0] < b[0] ? -1 : 1);

  it.each([
    ['JSON lines', Format.JSON_LINES],
    ['CSV', Format.CSV],
  ])('in %s holds every anchored entry once, oldest first, with the bytes received', async (_name, format) => {
    const file = await exported({ format });
    const rows = rowsOf(file, format);
    const order = [...kept].map(([name, bytes]): [string, number] => {
      const time = bytes.equals(rubbish) ? 0 : Entry.decode(bytes).eventTime!.getTime();
      return [name, time];
    });
    expect(rows.map(({ name }) => name)).toEqual(order.toSorted(inOrder).map(([name]) => name));
    for (const row of rows) {
      const leaf = Buffer.from(row.leaf!.replace(/^'/, ''), 'base64');
      expect(leaf).toEqual(kept.get(row.name!));
      expect(row.head).toBe('1');
      if (leaf.equals(rubbish)) continue;
      const told = Entry.decode(leaf);
      expect(row).toMatchObject({
        eventTime: told.eventTime!.toISOString(),
        actor: told.actor,
        operation: told.operation,
        customer: told.customer,
        number: String(told.number),
        decision: told.decision === Decision.REFUSED ? 'REFUSED' : 'ALLOWED',
      });
    }
    expect((await check(file)).wrong).toEqual([]);
  });

  it('keeps what a spreadsheet would compute from being computed', async () => {
    const rows = rowsOf(await exported({ format: Format.CSV, filter: `actor = "${actor}"` }), Format.CSV);
    expect(rows.map(({ reason }) => reason).sort()).toEqual(['', `'=HYPERLINK("http://x","y")`, 'two\nlines, and "quotes"']);
    expect(rows.some(({ resource }) => resource === "'@x")).toBe(true);
  });

  it('takes the filter of a list', async () => {
    const rows = rowsOf(await exported({ filter: `customer = "${customer}" AND decision = REFUSED` }), Format.JSON_LINES);
    expect(rows).toMatchObject([{ customer, decision: 'REFUSED', operation: reveal }]);
    const none = await exported({ filter: 'service = "nobody"' });
    expect(linesOf(none)).toHaveLength(1);
    expect(await check(none)).toMatchObject({ statement: { entryCount: 0 }, wrong: [] });
  });

  it('comes in chunks of at most 64 KiB and says once of what type it is', async () => {
    const chunks = await all(asked());
    expect(chunks.length).toBeGreaterThan(2);
    for (const { data } of chunks) expect(data.length).toBeLessThanOrEqual(65_536);
    expect(chunks.map(({ contentType }) => contentType).filter(Boolean)).toEqual(['application/jsonl']);
  });

  it('is signed over its bytes, what was asked and the newest anchored head, as anybody can compute', async () => {
    const filter = `actor = "${actor}"`;
    const file = await exported({ filter });
    const lines = linesOf(file);
    const last = lines.at(-1)!;
    const { proof, keyVersion, signature } = JSON.parse(last);
    const body = file.subarray(0, file.length - Buffer.byteLength(last) - 1);
    expect(proof).toMatchObject({
      filter,
      reason: '外部审计',
      actor: officer.name,
      format: 'JSON_LINES',
      entryCount: 3,
      head: '1',
      sha256: createHash('sha256').update(body).digest('hex'),
    });
    const signed = Buffer.from(`bankcrm audit export v1\0${JSON.stringify(proof)}`);
    const key = log.signer.publicKeys.get(keyVersion)!;
    expect(verify(null, signed, key, Buffer.from(signature, 'base64'))).toBe(true);
    const head = SignedHead.decode(Buffer.from(proof.signedHead, 'base64'));
    expect(head).toEqual(log.topicHeads.at(-1));
    expect(proof.until).toBe(Head.decode(head.head).signTime!.toISOString());
  });

  it('is recorded with who asked for what, why and how much, before its first byte', async () => {
    const before = (await records()).length;
    const reason = `年报 ${newId().replaceAll(/\d/g, 'x')}`;
    const filter = `customer = "${customer}"`;
    const stream = asked({ filter, reason });
    const first = await stream.next();
    const [record, ...more] = (await records()).slice(before);
    expect(more).toEqual([]);
    expect(record).toMatchObject({
      service: 'audit',
      actor: officer.name,
      operation: 'bankcrm.audit.v1.AuditEntries/ExportAuditEntries',
      customer,
      decision: Decision.ALLOWED,
      reason,
      highPrivilege: true,
      count: 2n,
      queryHash: auditHash(log.keys.audit, filter),
    });
    const { proof } = JSON.parse(linesOf(first.value!.data).at(-1)!);
    expect(proof.record).toBe(`auditEntries/${record!.entryId}`);
    await stream.return(undefined);
  });

  it('ends though entries come while it is read, and holds none of them', async () => {
    const rows = kept.size;
    const stream = asked({ limits: { entries: 10_000, page: 10 } });
    const chunks: Buffer[] = [];
    let late = 2_000n;
    for await (const { data } of stream) {
      chunks.push(data);
      late += 1n;
      await log.append(0, [bytesOf(entry({ number: late, eventTime: new Date('2026-06-01T00:00:00Z') }))]);
    }
    const file = Buffer.concat(chunks);
    expect(rowsOf(file, Format.JSON_LINES)).toHaveLength(rows);
    expect((await check(file)).wrong).toEqual([]);
  });

  it('of more entries than the limit is refused, and nothing is recorded as sent', async () => {
    const before = (await records()).length;
    const limits = { entries: kept.size - 1, page: 100 };
    await expect(exported({ limits })).rejects.toMatchObject({
      kind: 'REFUSED',
      reason: 'EXPORT_TOO_LARGE',
      metadata: { limit: String(kept.size - 1) },
    });
    expect(await records()).toHaveLength(before);
    expect(rowsOf(await exported({ limits: { entries: kept.size, page: 100 } }), Format.JSON_LINES)).toHaveLength(kept.size);
  });

  it('is for those who see customers', async () => {
    const blind = personWith(['audit.entries.export', 'audit.entries.search']);
    await expect(exported({ person: blind })).rejects.toMatchObject({ kind: 'DENIED', reason: 'CUSTOMERS_HIDDEN' });
  });

  it('has an entry without its bytes where its customer is not shown, and holds all the same', async () => {
    const about = newId();
    await log.workers.query(
      `INSERT INTO scope.customer (customer_id, sequence, kind, state, restricted) VALUES ($1, 1, 'INDIVIDUAL', 'ACTIVE', true)`,
      [about],
    );
    const one = entry({ number: 3_002n, customer: `customers/${about}`, actor: `staff/${newId()}` });
    await log.append(0, [bytesOf(one)]);
    await log.settle();
    for (const format of [Format.CSV, Format.JSON_LINES]) {
      const file = await exported({ format, filter: `actor = "${one.actor}"` });
      expect(file.includes(about)).toBe(false);
      expect(file.includes(bytesOf(one).toString('base64'))).toBe(false);
      expect(rowsOf(file, format)).toMatchObject([
        { name: `auditEntries/${one.entryId}`, operation: one.operation, customer: '', leaf: '' },
      ]);
      expect((await check(file)).wrong).toEqual([]);
      const wanted = await exported({ format, filter: `customer = "customers/${about}"` });
      expect(rowsOf(wanted, format)).toEqual([]);
    }
  });

  it('holds the own trail of somebody who may not search that of others', async () => {
    const alone = personWith(['audit.entries.export', 'audit.customers.get']);
    await log.append(0, [bytesOf(entry({ number: 3_001n, actor: alone.name, eventTime: new Date('2026-07-01T00:00:00Z') }))]);
    await log.settle();
    const rows = rowsOf(await exported({ person: alone }), Format.JSON_LINES);
    expect(rows.map(({ actor }) => actor)).toEqual([alone.name]);
  });

  it.each([
    ['no reason', { reason: '  ' }, 'reason'],
    ['an identifying number as reason', { reason: '客户 13800138000 投诉' }, 'reason'],
    ['a reason that is too long', { reason: 'x'.repeat(201) }, 'reason'],
    ['no format', { format: Format.UNSPECIFIED }, 'format'],
    ['a filter that cannot be read', { filter: 'colour = "red"' }, 'filter'],
  ])('with %s is refused', async (_name, what: Asked, field) => {
    const before = (await records()).length;
    await expect(exported(what)).rejects.toMatchObject({ kind: 'INVALID', fields: [{ field }] });
    expect(await records()).toHaveLength(before);
  });

  it('stops when nobody reads it any more', async () => {
    const abort = new AbortController();
    const stream = asked({ signal: abort.signal, limits: { entries: 10_000, page: 10 } });
    await stream.next();
    abort.abort(new Error('gone'));
    await expect(all(stream)).rejects.toThrow('gone');
  });

  describe.each([
    ['JSON lines', Format.JSON_LINES],
    ['CSV', Format.CSV],
  ])('in %s that somebody has changed', (_name, format) => {
    let file: Buffer;
    let trailerStart: number;
    beforeAll(async () => {
      file = await exported({ format, filter: `actor = "${actor}"` });
      trailerStart = file.lastIndexOf('\n', file.length - 2) + 1;
      expect((await check(file)).wrong).toEqual([]);
    });
    const cut = (at: number, length: number, put = '') =>
      Buffer.concat([file.subarray(0, at), Buffer.from(put), file.subarray(at + length)]);
    const proofOf = (bytes: Buffer): string => {
      const line = bytes.subarray(trailerStart).toString().trimEnd();
      return format === Format.CSV ? Buffer.from(line.replace('# proof: ', ''), 'base64').toString() : line;
    };
    const withProof = (proof: string): Buffer => {
      const line = format === Format.CSV ? `# proof: ${Buffer.from(proof).toString('base64')}\r\n` : `${proof}\n`;
      return Buffer.concat([file.subarray(0, trailerStart), Buffer.from(line)]);
    };

    it('is found out wherever it is cut', async () => {
      for (let end = 0; end < file.length; end += Math.ceil(file.length / 97)) {
        const { statement, wrong } = await check(file.subarray(0, end));
        expect(statement, `cut at ${end}`).toBeUndefined();
        expect(wrong).toHaveLength(1);
      }
    });

    it('is found out whichever byte is another one', async () => {
      for (let at = 0; at < file.length; at += Math.ceil(file.length / 211)) {
        const changed = Buffer.from(file);
        changed[at]! ^= 1;
        expect((await check(changed)).wrong, `byte ${at}`).not.toEqual([]);
      }
    });

    it('is found out when an entry is taken out, doubled or moved', async () => {
      const middle = file.indexOf('auditEntries/', file.indexOf('auditEntries/') + 13) - (format === Format.CSV ? 0 : 9);
      const line = file.subarray(middle, file.indexOf('auditEntries/', middle + 30) - (format === Format.CSV ? 0 : 9));
      for (const changed of [cut(middle, line.length), cut(middle, 0, line.toString()), cut(trailerStart, 0, line.toString())])
        expect((await check(changed)).wrong).toContain('The lines are not those that the proof was made over.');
    });

    it.each([
      ['fewer entries', /"entryCount":\d+/, '"entryCount":2'],
      ['another filter', `"filter":"actor = `, `"filter":"actor  = `],
      ['another reason', '外部审计', '内部审计'],
      ['another head', /"head":"\d+"/, '"head":"9"'],
      ['another time', /"time":"2/, '"time":"3'],
      ['another member of the proof', '{"proof":{', '{"proof":{"more":1,'],
    ])('is found out when the proof tells of %s', async (_what, from, to) => {
      const changed = proofOf(file).replace(from, to);
      expect(changed).not.toBe(proofOf(file));
      expect((await check(withProof(changed))).wrong).toContain('The proof is not signed by the key.');
    });

    it('is found out by the key of somebody else', async () => {
      const other = generateKeyPairSync('ed25519');
      const { wrong } = await check(file, [other.publicKey]);
      expect(wrong).toEqual(['The proof is not signed by the key.']);
    });
  });

  it('whose lines tell something else than their leaves is found out though it is signed', async () => {
    const file = (await exported({ filter: `actor = "${actor}"` })).toString();
    const lines = file.split('\n');
    const entryLine = JSON.parse(lines[0]!);
    entryLine.actor = officer.name;
    const body = [JSON.stringify(entryLine), ...lines.slice(1, -2)].map((line) => `${line}\n`).join('');
    const proof = JSON.parse(lines.at(-2)!).proof;
    proof.sha256 = createHash('sha256').update(body).digest('hex');
    const text = JSON.stringify(proof);
    const signature = await log.signer.sign(Buffer.from(`bankcrm audit export v1\0${text}`));
    const forged = `${body}{"proof":${text},"keyVersion":${log.signer.keyVersion},"signature":"${signature.toString('base64')}"}\n`;
    expect((await check(Buffer.from(forged))).wrong).toEqual(['Entry 1 says something else than its leaf.']);
  });

  it('is checked by a command with the public key alone: 0 for what is as it was exported, 1 for what is not', async () => {
    const pem = save(
      'key.pem',
      Buffer.from(
        publicKeys()
          .map((key) => key.export({ type: 'spki', format: 'pem' }))
          .join('\n'),
      ),
    );
    const file = await exported({ format: Format.CSV });
    expect(await checkExportCommand([save('whole.csv', file), '--public-key', pem])).toBe(0);
    expect(await checkExportCommand([save('cut.csv', file.subarray(0, -100)), '--public-key', pem])).toBe(1);
    await expect(checkExportCommand([join(folder, 'whole.csv')])).rejects.toThrow('--public-key');
  });
});
