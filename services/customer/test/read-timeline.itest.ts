import { callerSettings, callerThrough } from '@bankcrm/access';
import { inTransaction, nobody } from '@bankcrm/database';
import { startConsumer } from '@bankcrm/events';
import { deriveId, newId } from '@bankcrm/kernel';
import { Entry } from '@bankcrm/proto/gen/bankcrm/audit/v1/entries.ts';
import { CustomersService, InteractionsService } from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';
import { InteractionRecorded } from '@bankcrm/proto/gen/bankcrm/customer/v1/events.ts';
import { DataClass } from '@bankcrm/proto/gen/bankcrm/options/v1/options.ts';
import { CustomerPanel } from '@bankcrm/proto/gen/bankcrm/panel/v1/panel.ts';
import { TimelineEntry } from '@bankcrm/proto/gen/bankcrm/timeline/v1/timeline.ts';
import { publish } from '@bankcrm/simulator';
import { eventually, suitePrefix } from '@bankcrm/testing';
import fc from 'fast-check';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SyncPauses } from '../src/app/operators/sync-pauses.ts';
import { applyTimelineEntries } from '../src/app/sync/apply-timeline-entries.ts';
import { consuming } from '../src/parts.ts';
import { fillBank, who } from './support/read-bank.ts';
import { openReads, type ReadBench, type StaffName, staff, staffName } from './support/reading.ts';
import { memoryLog } from './support/syncing.ts';

let bench: ReadBench;
const ids: Record<string, string> = {};
beforeAll(async () => {
  bench = await openReads();
  await fillBank(bench);
  for (const name of ['zhang', 'shan', 'rare', 'restricted', 'zeng', 'leap'] as const)
    ids[name] = await bench.customerOf(who[name]);
});
afterAll(() => bench?.closeAll());

const ticket = `tickets/${newId()}`;
const at = (minute: number) => new Date(Date.UTC(2026, 4, 1, 8, minute));
const entryOf = (customerId: string, changes: Partial<TimelineEntry> = {}): TimelineEntry =>
  TimelineEntry.fromPartial({
    customer: `customers/${customerId}`,
    entryId: newId(),
    sequence: 1n,
    eventTime: at(0),
    labelZh: '工单已受理',
    labelEn: 'Ticket opened',
    resource: ticket,
    class: DataClass.C1,
    ...changes,
  } as TimelineEntry);

const page = (name: StaffName, customerId: string, { pageSize = 200, pageToken = '', filter = '' } = {}) =>
  bench.as(name, InteractionsService.listTimeline, { parent: `customers/${customerId}`, pageSize, pageToken, filter });
const entriesShown = async (name: StaffName, customerId: string, filter = ''): Promise<string[]> =>
  (await page(name, customerId, { filter })).items.flatMap(({ entry }) => (entry ? [entry.entryId] : []));
const note = (name: StaffName, customerId: string, changes: Record<string, unknown> = {}) =>
  bench.as(name, InteractionsService.createInteraction, {
    parent: `customers/${customerId}`,
    interaction: {
      name: '',
      kind: 'call',
      direction: 'outbound',
      summary: '回访',
      occurTime: at(1),
      staff: '',
      nextStep: undefined,
      etag: '',
      subject: '',
      ...changes,
    },
    requestId: '',
  });

const callerOf = (name: StaffName) => callerThrough(bench.directory.holderOf(staff[name], new Date()), 'directory.me.get')!;

describe('the timeline of a customer', () => {
  it('shows interactions and entries in one order, in pages, filtered, and beside the profile', async () => {
    const [first, third] = [entryOf(ids.rare!, { eventTime: at(0) }), entryOf(ids.rare!, { eventTime: at(2), subject: ticket })];
    await bench.give('timeline-entry', first, third);
    const second = await note('rm', ids.rare!, { subject: ticket });
    expect(second.subject).toBe(ticket);
    const names = ({ items }: Awaited<ReturnType<typeof page>>) =>
      items.map((item) => item.interaction?.name ?? item.entry?.entryId);
    const wanted = [third.entryId, second.name, first.entryId];
    const whole = await page('rm', ids.rare!);
    expect(names(whole)).toEqual(wanted);
    expect(whole.items[0]).toEqual({ eventTime: at(2), interaction: undefined, entry: third });
    expect(whole.items[1]).toEqual({ eventTime: at(1), interaction: second, entry: undefined });

    const pages: (string | undefined)[] = [];
    let pageToken = '';
    do {
      const next = await page('rm', ids.rare!, { pageSize: 1, pageToken });
      pages.push(...names(next));
      pageToken = next.nextPageToken;
    } while (pageToken !== '');
    expect(pages).toEqual(wanted);

    const filtered = async (filter: string) => names(await page('rm', ids.rare!, { filter }));
    expect(await filtered('kind = "call"')).toEqual([second.name]);
    expect(await filtered('kind = "visit"')).toEqual([]);
    expect(await filtered('resource_type = "interactions"')).toEqual([second.name]);
    expect(await filtered('resource_type = "tickets"')).toEqual([third.entryId, first.entryId]);
    expect(await filtered('resource_type = "tickets" AND resource_type = "campaigns"')).toEqual([]);
    expect(await filtered(`event_time > "${at(0).toISOString()}"`)).toEqual(wanted.slice(0, 2));
    expect(await filtered(`event_time >= "${at(0).toISOString()}" AND event_time < "${at(2).toISOString()}"`)).toEqual(
      wanted.slice(1),
    );
    await expect(filtered('summary = "x"')).rejects.toMatchObject({ reason: 'INVALID_FILTER' });

    const view = await bench.as('rm', CustomersService.viewCustomer360, { name: `customers/${ids.rare}` });
    expect(view.timeline).toEqual(whole.items);
  });

  it('is recorded as one entry for each page', async () => {
    const before = await bench.workers.query<{ id: string }>('SELECT id FROM events.outbox');
    await page('rm', ids.rare!);
    const { rows } = await bench.workers.query<{ payload: Buffer }>(
      'SELECT payload FROM events.outbox WHERE NOT id = ANY ($1::uuid[])',
      [before.rows.map(({ id }) => id)],
    );
    expect(rows.map(({ payload }) => Entry.decode(payload))).toEqual([
      expect.objectContaining({
        operation: 'bankcrm.customer.v1.Interactions/ListTimeline',
        customer: `customers/${ids.rare}`,
        actor: staffName('rm'),
        fields: [
          { name: 'items.entry.label_zh', dataClass: DataClass.C2_FINANCIAL },
          { name: 'items.entry.label_en', dataClass: DataClass.C2_FINANCIAL },
        ],
      }),
    ]);
  });

  it('is nobody’s out of scope, and does not exist for those without the permission', async () => {
    await expect(page('otherRm', ids.rare!)).rejects.toMatchObject({ kind: 'NOT_FOUND' });
    await expect(page('rm', newId())).rejects.toMatchObject({ kind: 'NOT_FOUND' });
    await expect(page('branchManager', ids.restricted!)).rejects.toMatchObject({ kind: 'NOT_FOUND' });
    await expect(page('admin', ids.rare!)).rejects.toMatchObject({ reason: 'PERMISSION_MISSING' });
  });

  it('shows financial entries and entries with a permission to those alone who hold it', async () => {
    const open = entryOf(ids.zeng!);
    const asking = entryOf(ids.zeng!, { permission: 'customer.customers.reveal' });
    const notNamed = entryOf(ids.zeng!, { class: DataClass.UNSPECIFIED });
    await bench.give('timeline-entry', open, asking, notNamed);
    expect(new Set(await entriesShown('otherRm', ids.zeng!))).toEqual(
      new Set([open, asking, notNamed].map(({ entryId }) => entryId)),
    );
    expect(new Set(await entriesShown('hqManager', ids.zeng!))).toEqual(new Set([open, notNamed].map(({ entryId }) => entryId)));
    // Nobody of the built-in roles lists interactions without seeing balances.
    const withoutFinancials = await bench.workers.query(
      `SELECT customer.timeline_of($1, false, '{}', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 9) AS page`,
      [ids.zeng],
    );
    expect(withoutFinancials.rows[0].page.map((row: { id: string }) => row.id)).toEqual([open.entryId]);
  });
});

describe('what is hidden from somebody', () => {
  it('does not exist for that person, in timeline, 360 and the tables, and nobody is told from whom', async () => {
    const complaint = entryOf(ids.shan!, { labelZh: '投诉', hiddenFrom: [staffName('rm')] });
    const open = entryOf(ids.shan!);
    await bench.give('timeline-entry', complaint, open);
    const panel = (name: string, hiddenFrom: string[]) =>
      CustomerPanel.fromPartial({
        customer: `customers/${ids.shan}`,
        panel: name,
        sequence: 1n,
        fields: [{ key: 'open', labelZh: '未结', labelEn: 'Open', value: '1', class: DataClass.C1 }],
        hiddenFrom,
      });
    await bench.give('panel', panel('complaints', [staffName('rm'), staffName('teller')]), panel('tickets', []));

    const view = (name: StaffName) => bench.as(name, CustomersService.viewCustomer360, { name: `customers/${ids.shan}` });
    const shown = async (name: StaffName) => {
      const { timeline, panels } = await view(name);
      expect(panels.flatMap(({ hiddenFrom }) => hiddenFrom)).toEqual([]);
      return {
        timeline: (await entriesShown(name, ids.shan!)).sort(),
        in360: timeline.flatMap(({ entry }) => (entry ? [entry.entryId] : [])).sort(),
        panels: panels.map((one) => one.panel),
      };
    };
    const both = [complaint.entryId, open.entryId].sort();
    expect(await shown('rm')).toEqual({ timeline: [open.entryId], in360: [open.entryId], panels: ['tickets'] });
    for (const name of ['otherRm', 'branchManager'] as const)
      expect(await shown(name)).toEqual({ timeline: both, in360: both, panels: ['complaints', 'tickets'] });

    const rowsOf = (name: StaffName) =>
      inTransaction(bench.requests, callerSettings(callerOf(name)), async (tx) => {
        const { rows } = await tx.query<{ kind: string; n: string }>(
          `SELECT 'entries' AS kind, count(*)::text AS n FROM customer.timeline_entry WHERE customer_id = $1
           UNION ALL SELECT 'panels', count(*)::text FROM customer.panel WHERE customer_id = $1 ORDER BY 1`,
          [ids.shan],
        );
        return rows.map(({ n }) => n);
      });
    expect(await rowsOf('rm')).toEqual(['1', '1']);
    expect(await rowsOf('otherRm')).toEqual(['2', '2']);
  });

  it('is shown again by a version that hides it from nobody', async () => {
    const hidden = entryOf(ids.shan!, { hiddenFrom: [staffName('rm')] });
    await bench.give('timeline-entry', hidden);
    expect(await entriesShown('rm', ids.shan!)).not.toContain(hidden.entryId);
    await bench.give('timeline-entry', { ...hidden, sequence: 2n, hiddenFrom: [] });
    expect(await entriesShown('rm', ids.shan!)).toContain(hidden.entryId);
  });
});

describe('an interaction', () => {
  it('keeps what it was about, and its event says so', async () => {
    const { name } = await note('otherRm', ids.shan!, { subject: ticket });
    const { rows } = await bench.workers.query<{ payload: Buffer }>(
      'SELECT payload FROM events.outbox WHERE subject = $1 AND topic = $2',
      [name, 'bankcrm.customer.v1.interactions'],
    );
    expect(rows.map(({ payload }) => InteractionRecorded.decode(payload).subject)).toEqual([ticket]);
    const { interactions } = await bench.as('rm', InteractionsService.listInteractions, {
      parent: `customers/${ids.shan}`,
      pageSize: 1,
      pageToken: '',
    });
    expect(interactions[0]).toMatchObject({ name, subject: ticket });
  });

  it.each(['tickets', 'tickets/1', `/${newId()}`, `Tickets/${newId()}`, `tickets/${newId()}/sends`, '13800138000'])(
    'is about a resource, not about %s',
    async (subject) => {
      await expect(note('otherRm', ids.shan!, { subject })).rejects.toMatchObject({ reason: 'INVALID_RESOURCE_NAME' });
    },
  );
});

it('pages lose and repeat nothing while entries come in, whatever their times and the size of pages', async () => {
  await fc.assert(
    fc.asyncProperty(
      // Few different times, so that many share one.
      fc.array(fc.record({ minute: fc.nat(4), isEntry: fc.boolean() }), { maxLength: 30 }),
      fc.array(fc.nat(4), { maxLength: 10 }),
      fc.integer({ min: 1, max: 7 }),
      async (before, meanwhile, pageSize) => {
        await bench.workers.query(`DELETE FROM customer.timeline_entry WHERE customer_id = $1`, [ids.leap]);
        await bench.workers.query(`DELETE FROM customer.interaction WHERE customer_id = $1`, [ids.leap]);
        const entries = before
          .filter(({ isEntry }) => isEntry)
          .map(({ minute }) => entryOf(ids.leap!, { eventTime: at(minute) }));
        await bench.give('timeline-entry', entryOf(ids.leap!, { removed: true }), ...entries);
        const met = before.filter(({ isEntry }) => !isEntry).map(({ minute }) => ({ id: newId(), minute }));
        await bench.workers.query(
          `INSERT INTO customer.interaction (interaction_id, customer_id, kind, direction, summary, occur_time, staff_id)
           SELECT id, $1, 'call', 'inbound', 'x', time, $1 FROM unnest($2::uuid[], $3::timestamptz[]) AS met (id, time)`,
          [ids.leap, met.map(({ id }) => id), met.map(({ minute }) => at(minute))],
        );
        const coming = meanwhile.map((minute) => entryOf(ids.leap!, { eventTime: at(minute) }));
        const late = [...coming];

        const seen: { id: string; time: number }[] = [];
        let pageToken = '';
        do {
          const { items, nextPageToken } = await page('otherRm', ids.leap!, { pageSize, pageToken });
          seen.push(
            ...items.map(({ entry, interaction, eventTime }) => ({
              id: entry?.entryId ?? interaction!.name.slice(-36),
              time: eventTime!.getTime(),
            })),
          );
          pageToken = nextPageToken;
          const next = late.pop();
          if (next) await bench.give('timeline-entry', next);
        } while (pageToken !== '');

        const found = seen.map(({ id }) => id);
        expect(new Set(found).size).toBe(found.length);
        const there = new Set([...entries.map(({ entryId }) => entryId), ...met.map(({ id }) => id)]);
        const came = new Set(coming.map(({ entryId }) => entryId));
        expect(new Set(found.filter((id) => !came.has(id)))).toEqual(there);
        expect(seen.map(({ time }) => time)).toEqual(seen.map(({ time }) => time).sort((a, b) => b - a));
      },
    ),
    { numRuns: 25 },
  );
});

it('versions of entries end in one state, delivered in any order, any number of times, in batches of any size', async () => {
  const versions = Array.from({ length: 6 }, (_, entry) =>
    Array.from({ length: 4 }, (_, version) => {
      const id = deriveId('timeline', String(entry));
      return entryOf(ids.zeng!, {
        entryId: id,
        sequence: BigInt(version + 1),
        eventTime: at(version),
        labelEn: `Version ${version + 1}`,
        removed: (entry + version) % 3 === 0,
        hiddenFrom: version % 2 === 0 ? [staffName('rm')] : [],
      });
    }),
  ).flat();
  const stateAfter = async (messages: readonly TimelineEntry[], size: number) => {
    await bench.workers.query('DELETE FROM customer.timeline_entry WHERE customer_id = $1', [ids.zeng]);
    for (let from = 0; from < messages.length; from += size)
      await inTransaction(bench.workers, nobody, (tx) => applyTimelineEntries(tx, messages.slice(from, from + size)));
    return (
      await bench.workers.query('SELECT * FROM customer.timeline_entry WHERE customer_id = $1 ORDER BY entry_id', [ids.zeng])
    ).rows;
  };
  const wanted = await stateAfter(versions, 1);
  expect(wanted).toHaveLength(6);
  expect(
    wanted.every(({ sequence, removed, label_en: label }) => sequence === 4n && label === (removed ? '' : 'Version 4')),
  ).toBe(true);
  expect(new Set(wanted.map(({ removed }) => removed))).toEqual(new Set([true, false]));
  await fc.assert(
    fc.asyncProperty(
      fc.shuffledSubarray([...versions, ...versions, ...versions], { minLength: versions.length * 3 }),
      fc.integer({ min: 1, max: 30 }),
      async (messages, size) => {
        expect(await stateAfter(messages, size)).toEqual(wanted);
      },
    ),
    { numRuns: 15 },
  );
});

it('entries come from every service’s topic, and one that cannot be shown is a dead letter', async () => {
  const prefix = suitePrefix();
  const topic = 'bankcrm.suite.v1.timeline-entries';
  const kafka = { brokers: bench.stack.kafka.brokers, clientId: 'test' };
  const { log } = memoryLog();
  const admin = new Kafka({ ...kafka, brokers: [...kafka.brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  await admin.createTopics({ waitForLeaders: false, topics: [{ topic: prefix + topic, numPartitions: 2 }] });
  await eventually(() => admin.fetchTopicOffsets(prefix + topic));
  await admin.disconnect();

  const good = entryOf(ids.leap!, { sequence: 7n });
  const bad = entryOf(ids.leap!, { labelZh: '请致电13800138000' });
  await publish(
    [good, bad].map((entry) => ({
      topic,
      key: `${ids.leap}/${entry.entryId}`,
      value: Buffer.from(TimelineEntry.encode(entry).finish()),
      headers: {
        ce_specversion: '1.0',
        ce_id: newId(),
        ce_source: '/bankcrm/suite',
        ce_type: 'bankcrm.timeline.v1.TimelineEntry',
        ce_time: new Date().toISOString(),
        'content-type': 'application/protobuf',
      },
    })),
    { brokers: kafka.brokers, prefix },
  );
  const shared = consuming(bench, bench, kafka, new SyncPauses(bench.workers));
  const consumer = startConsumer({ ...shared, topicPrefix: prefix, log, group: 'customer-timeline', topics: [topic] });
  try {
    await eventually(async () => expect(await entriesShown('otherRm', ids.leap!)).toContain(good.entryId), { timeoutMs: 30_000 });
    await eventually(
      async () => {
        const { rows } = await bench.workers.query('SELECT reason, field FROM events.dead_letter WHERE topic = $1', [topic]);
        expect(rows).toEqual([{ reason: 'INVALID_FIELD', field: 'label_zh' }]);
      },
      { timeoutMs: 30_000 },
    );
  } finally {
    await consumer.stop();
  }
});

describe('names of customers', () => {
  const names = async (name: StaffName, customerIds: readonly string[]) =>
    (await bench.as(name, CustomersService.batchGetNames, { names: customerIds.map((id) => `customers/${id}`) })).customers;

  it('come in the order asked for, those out of sight and those that do not exist being absent', async () => {
    const asked = [ids.zeng!, newId(), ids.zhang!, ids.restricted!, ids.shan!];
    const full = { zhang: '张伟', shan: '单雄信', zeng: '曾国藩', restricted: '王石' } as const;
    const shown = (...of: (keyof typeof full)[]) => of.map((one) => ({ name: `customers/${ids[one]}`, fullName: full[one] }));
    expect(await names('rm', asked)).toEqual(shown('zhang', 'restricted', 'shan'));
    expect(await names('otherRm', asked)).toEqual(shown('zeng', 'shan'));
    expect(await names('hqManager', asked)).toEqual(shown('zeng', 'zhang', 'shan'));
    expect(await names('hqManager', [...asked].reverse())).toEqual(shown('shan', 'zhang', 'zeng'));
    expect(await names('otherTeller', asked)).toEqual([]);
    await expect(names('marketer', asked)).rejects.toMatchObject({ reason: 'PERMISSION_MISSING' });
  });

  it('are 200 at most, each a customer’s', async () => {
    const request = (asked: string[]) => bench.as('rm', CustomersService.batchGetNames, { names: asked });
    expect((await request(Array.from({ length: 200 }, () => `customers/${ids.zhang}`))).customers).toHaveLength(200);
    await expect(request(Array.from({ length: 201 }, () => `customers/${ids.zhang}`))).rejects.toMatchObject({ kind: 'INVALID' });
    await expect(request([])).rejects.toMatchObject({ kind: 'INVALID' });
    await expect(request([`staff/${ids.zhang}`])).rejects.toMatchObject({ reason: 'INVALID_RESOURCE_NAME' });
  });

  it('are one entry of the log', async () => {
    const before = await bench.workers.query<{ id: string }>('SELECT id FROM events.outbox');
    await names('rm', [ids.zhang!, ids.zeng!]);
    const { rows } = await bench.workers.query<{ payload: Buffer }>(
      'SELECT payload FROM events.outbox WHERE NOT id = ANY ($1::uuid[])',
      [before.rows.map(({ id }) => id)],
    );
    expect(rows.map(({ payload }) => Entry.decode(payload))).toEqual([
      expect.objectContaining({ operation: 'bankcrm.customer.v1.Customers/BatchGetNames', count: 1n, customer: '', fields: [] }),
    ]);
  });
});
