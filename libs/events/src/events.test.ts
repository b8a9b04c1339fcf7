import { eventType, topicOf } from '@bankcrm/proto/descriptors';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeAll, isDataError } from './apply.ts';
import { beforePaused, chunksOf } from './consumer/chunks.ts';
import { outOfRange } from './consumer/watermarks.ts';
import { ageSeconds } from './lag.ts';
import { decoded, type RawMessage, readCloudEvent, sourceSystemOf } from './messages.ts';
import { packContent, unpackContent } from './sealer.ts';
import { backoffMs } from './wait.ts';

const raw = (overrides: Partial<RawMessage> = {}): RawMessage => ({
  topic: 't',
  partition: 0,
  offset: 0n,
  time: new Date(0),
  key: Buffer.from('k'),
  value: Buffer.from('v'),
  headers: {},
  ...overrides,
});
const texts = (headers: Record<string, string>) =>
  Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)]));

describe('chunks of a fetch', () => {
  it('join without gap or overlap from the first position to behind the last offset, whatever offsets are missing', () => {
    const offsets = fc
      .uniqueArray(fc.integer({ min: 0, max: 200 }), { maxLength: 60 })
      .map((list) => list.toSorted((a, b) => a - b));
    fc.assert(
      fc.property(offsets, fc.integer({ min: 0, max: 50 }), fc.integer({ min: 1, max: 20 }), (list, tail, maxMessages) => {
        const messages = list.map((offset) => raw({ offset: BigInt(offset) }));
        const last = BigInt((list.at(-1) ?? 0) + tail);
        const chunks = chunksOf({ from: 0n, last, messages }, maxMessages);
        expect(chunks[0]!.expected).toBe(0n);
        expect(chunks.at(-1)!.next).toBe(last + 1n);
        for (const [index, chunk] of chunks.entries()) {
          expect(chunk.messages.length).toBeLessThanOrEqual(maxMessages);
          for (const { offset } of chunk.messages) expect(offset >= chunk.expected && offset < chunk.next).toBe(true);
          if (index > 0) expect(chunk.expected).toBe(chunks[index - 1]!.next);
        }
        expect(chunks.flatMap((chunk) => chunk.messages)).toEqual(messages);
      }),
    );
  });

  it('end in front of the first held message', () => {
    const messages = [3n, 5n, 9n].map((offset) => raw({ offset }));
    const { fetched, held } = beforePaused({ from: 2n, last: 12n, messages }, ({ offset }) => offset === 9n);
    expect(held!.offset).toBe(9n);
    expect(chunksOf(fetched, 10)).toEqual([{ expected: 2n, next: 9n, messages: messages.slice(0, 2) }]);
  });
});

describe('decoding', () => {
  it('sorts by key and keeps the order within a key', () => {
    const given = ['b1', 'a1', 'b2', 'a2'].map((text) => raw({ key: Buffer.from(text[0]!), value: Buffer.from(text) }));
    const { items } = decodeAll(given, (message) => decoded(message, String(message.value)));
    expect(items.map(({ value }) => value)).toEqual(['a1', 'a2', 'b1', 'b2']);
  });

  it('rejects a value over 1 MiB unread and a message that breaks the decoder', () => {
    const { items, letters } = decodeAll([raw({ value: Buffer.alloc(1_048_577) }), raw()], () => {
      throw new TypeError('bug');
    });
    expect(items).toEqual([]);
    expect(letters.map(({ reason }) => reason)).toEqual(['TOO_LARGE', 'DECODE_FAILED']);
  });
});

describe('CloudEvents headers', () => {
  const good = { ce_id: '1', ce_source: '/corebanking/core', ce_type: 't', 'content-type': 'Application/JSON; charset=utf-8' };

  it('are read with the optional ones absent', () => {
    expect(readCloudEvent(raw({ headers: texts(good) }))).toEqual({ type: 't', contentType: 'application/json' });
  });

  it.each(Object.keys(good))('are refused without %s, naming it', (name) => {
    const headers = texts({ ...good, [name]: '' });
    expect(readCloudEvent(raw({ headers }))).toMatchObject({ ok: false, reason: 'MISSING_HEADER', field: name });
  });

  it('of another version of CloudEvents are refused', () => {
    expect(readCloudEvent(raw({ headers: texts({ ...good, ce_specversion: '0.3' }) }))).toMatchObject({
      reason: 'INVALID_FIELD',
      field: 'ce_specversion',
    });
  });

  it.each([
    ['/corebanking/core', 'core'],
    ['core', 'core'],
    ['https://core.example/wealth-2', 'wealth-2'],
    ['/corebanking/', ''],
    ['/corebanking/张', ''],
    [`/${'x'.repeat(33)}`, ''],
  ])('%s names the source "%s"', (source, expected) => {
    expect(sourceSystemOf(raw({ headers: texts({ ce_source: source }) }))).toBe(expected);
  });
});

describe('a sealed message', () => {
  it('comes back as it was: nulls, empty values, any bytes', () => {
    const bytes = fc.uint8Array({ maxLength: 50 }).map((array) => Buffer.from(array));
    const part = fc.option(bytes);
    fc.assert(
      fc.property(
        part,
        part,
        fc.dictionary(
          fc.string({ minLength: 1, unit: 'grapheme' }).filter((name) => name !== '__proto__'),
          bytes,
        ),
        (key, value, headers) => {
          const back = unpackContent(packContent({ key, value, headers }));
          expect(back).toEqual({ key, value, headers: { ...headers } });
        },
      ),
    );
  });
});

describe('an error', () => {
  it('is the data’s fault by its SQLSTATE class, or by a number that fits no column', () => {
    const overflow = (() => {
      try {
        return Buffer.alloc(8).writeBigInt64BE(1n << 63n);
      } catch (error) {
        return error;
      }
    })();
    const sql = (code: string) => Object.assign(new Error('x'), { code });
    expect(['22001', '22021', '23505', '23514', '54000'].map((code) => isDataError(sql(code)))).toEqual([
      true,
      true,
      true,
      true,
      true,
    ]);
    expect(
      ['40P01', '40001', '53300', '57014', '57P01', '08006', '42501', 'ECONNRESET'].map((code) => isDataError(sql(code))),
    ).toEqual(Array(8).fill(false));
    expect(isDataError(overflow)).toBe(true);
    expect(isDataError(new TypeError('bug'))).toBe(false);
  });
});

describe('a position', () => {
  it('is in range from the first offset held to the one after the last', () => {
    expect([4n, 5n, 7n, 9n, 10n].map((next) => outOfRange(next, { low: 5n, high: 9n }) === undefined)).toEqual([
      false,
      true,
      true,
      true,
      false,
    ]);
  });
});

describe('lag in seconds', () => {
  const now = new Date('2026-03-01T12:00:00Z');
  const at = (time: string) => new Date(`2026-03-01T${time}Z`);
  const row = { last_message_time: null, caught_up_time: null, waiting_message_time: null, update_time: at('11:00:00') };
  it.each([
    [
      'the age of a message that is held back',
      { ...row, last_message_time: at('11:59:59'), waiting_message_time: at('11:58:00') },
      120,
    ],
    [
      'counted from the last look that found nothing waiting',
      { ...row, last_message_time: at('08:00:00'), caught_up_time: at('11:59:58') },
      2,
    ],
    [
      'counted from the newest message applied while a backlog is worked off',
      { ...row, last_message_time: at('11:30:00'), caught_up_time: at('08:00:00') },
      1_800,
    ],
    ['counted from the position’s making when nothing was ever applied', row, 3_600],
    ['never negative when a producer’s clock is ahead', { ...row, last_message_time: at('12:00:05') }, 0],
  ])('is %s', (_, given, seconds) => {
    expect(ageSeconds(given, now)).toBe(seconds);
  });
});

describe('waiting between tries', () => {
  it('doubles from 100 ms to its limit, less up to a fifth', () => {
    expect([0, 1, 2, 3, 10, 1_000].map((failures) => backoffMs(failures, 5_000, () => 0))).toEqual([
      100, 200, 400, 800, 5_000, 5_000,
    ]);
    expect(backoffMs(0, 5_000, () => 1)).toBe(80);
  });
});

describe('how an event is published', () => {
  it('stands in its proto: topic and key, of a resource name the id', () => {
    const topic = 'bankcrm.customer.v1.customers';
    const type = 'bankcrm.customer.v1.CustomerChanged';
    expect(eventType(type)({ customer: 'customers/c1', source: 'core' })).toEqual({ type, topic, key: 'c1' });
    const unit = 'bankcrm.directory.v1.OrgUnitChanged';
    expect(eventType(unit)({ orgUnitId: 'u1' })).toMatchObject({ topic: 'bankcrm.directory.v1.org-units', key: 'u1' });
    expect(topicOf('bankcrm.audit.v1.Entry')).toBe('bankcrm.audit.v1.entries');
  });

  it('must stand there', () => {
    expect(() => topicOf('bankcrm.customer.v1.Customer')).toThrow('is no event');
    expect(() => topicOf('bankcrm.customer.v1.Nothing')).toThrow('is no event');
    expect(() => eventType('bankcrm.audit.v1.Entry')).toThrow('names none of its fields as key');
  });
});
