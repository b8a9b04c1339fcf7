import { openParts } from '@bankcrm/backend';
import { inTransaction, nobody } from '@bankcrm/database';
import { type Decoded, type RawMessage, rejected } from '@bankcrm/events';
import { deriveId, type StaffId, systemClock } from '@bankcrm/kernel';
import { type DatabaseUrls, ensureTopics, serviceEnv } from '@bankcrm/local';
import { CustomerSnapshot } from '@bankcrm/proto/gen/corebanking/v1/customers.ts';
import type { Log } from '@bankcrm/service';
import { type BankMessage, publish } from '@bankcrm/simulator';
import { eventually, suiteDatabase, suitePrefix, testStack } from '@bankcrm/testing';
import type { CustomerDeps } from '../../src/app/deps.ts';
import { SyncPauses } from '../../src/app/operators/sync-pauses.ts';
import type { Incoming } from '../../src/app/sync/incoming.ts';
import { readConfig } from '../../src/config.ts';
import { startConsumers } from '../../src/entry/kafka/consumers.ts';
import { decode } from '../../src/entry/kafka/decode.ts';
import { consuming, openOwnParts } from '../../src/parts.ts';
import { customer } from '../../src/service.ts';

/** Staff numbers that the directory of these suites knows, each with an id derived from it. */
export const staffIdOf = (number: string): StaffId | undefined =>
  /^\d{6}$/.test(number) ? deriveId<'staff'>('staff', number) : undefined;

export type SyncBench = Awaited<ReturnType<typeof openSync>>;

/** A customer database of its own, or the one given, with everything that applying the stream needs. */
export async function openSync(options: { urls?: DatabaseUrls; staff?: Partial<CustomerDeps['staff']> } = {}) {
  const stack = testStack();
  const urls = options.urls ?? (await suiteDatabase('customer'));
  const config = readConfig({
    ...serviceEnv('customer', stack),
    DATABASE_URL_OWNER: urls.owner,
    DATABASE_URL_REQUEST: urls.request,
    DATABASE_URL_WORKER: urls.worker,
  });
  const parts = await openParts(customer, { config, clock: systemClock, log: memoryLog().log });
  const own = await openOwnParts(parts, { staffIdOf, staffNumberOf: () => undefined, ...options.staff });
  const { workers, requests } = parts;
  const { apply } = own;

  const write = (items: readonly Decoded<Incoming>[]): Promise<unknown> =>
    inTransaction(workers, nobody, (tx) => apply(tx, items, { topic: items[0]!.raw.topic, now: new Date(), replay: false }));

  /**
   * Decodes and applies messages as consumers would: a window at a time, each topic of the window in a transaction of its own, in the order of
   * their arrival. Returns what was rejected.
   */
  async function take(given: Iterable<BankMessage>, windowMessages = 2_000): Promise<{ reason: string; field: string }[]> {
    const letters: { reason: string; field: string }[] = [];
    let window: Decoded<Incoming>[] = [];
    const flush = async (): Promise<void> => {
      for (const items of Map.groupBy(window, ({ raw }) => raw.topic).values()) await write(items);
      window = [];
    };
    for (const message of given) {
      const raw = rawOf(message);
      const result = (raw.value?.length ?? 0) > 1_048_576 ? rejected(raw, 'TOO_LARGE') : decode(raw);
      if (result.ok) window.push(result);
      else letters.push({ reason: result.reason, field: result.field });
      if (window.length >= windowMessages) await flush();
    }
    await flush();
    return letters;
  }

  return {
    ...parts,
    ...own,
    stack,
    urls,
    decode,
    take,
    async close(): Promise<void> {
      await Promise.all([workers.end(), requests.end()]);
    },
  };
}

let offset = 0n;

/** A simulated message as Kafka would deliver it. */
export const rawOf = ({ topic, key, value, headers }: BankMessage): RawMessage => ({
  topic,
  partition: 0,
  offset: offset++,
  time: new Date(),
  key: key === null ? null : Buffer.from(key),
  value,
  headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)])),
});

export const party = (sourceId: string, sourceSystem = 'core'): string => deriveId('party', sourceSystem, sourceId);
export const account = (sourceId: string, sourceSystem = 'core'): string => deriveId('account', sourceSystem, sourceId);

/** The whole state that depends on the stream, in an order of its own, so that two of them can be compared. Ids made at random are left out. */
export async function stateOf({ workers }: Pick<SyncBench, 'workers'>): Promise<Record<string, unknown[]>> {
  const read = async (sql: string): Promise<unknown[]> => (await workers.query(sql)).rows;
  return {
    customers: await read(`
      SELECT party.source_system, party.source_id, customer.kind, customer.state, full_name, short_name, primary_number, segment, org_unit_id,
        home_org_unit_code, rm_staff_id, rm_staff_number, restricted, birth_date, birthday, open_date, close_date, profile, income_currency,
        income_minor, kyc, flags, field_sources, total_assets_minor, total_liabilities_minor, next_maturity_date, next_maturity_minor, currencies
      FROM customer.customer JOIN customer.party USING (customer_id) JOIN customer.customer_summary USING (customer_id)
      ORDER BY party.source_system, party.source_id`),
    snapshots: await read('SELECT party_id, version, source_time, content_hash FROM customer.party_snapshot ORDER BY party_id'),
    values: await read(`
      SELECT party_id, category, kind, masked, blind_index, preferred, region_code, expire_date FROM customer.identifying_value
      ORDER BY party_id, kind, blind_index, masked`),
    tokens: await read(`
      SELECT party.source_id, token, kind FROM customer.name_token JOIN customer.party USING (customer_id) ORDER BY party.source_id, token`),
    accounts: await read(`
      SELECT account_id, source_id, version, kind, state, number_masked, number_index, currency_code, balance_minor, available_minor,
        credit_limit_minor, principal_minor, annual_rate_micros, open_date, maturity_date, close_date, frozen, dormant, days_past_due,
        branch_code, linked_account_id, holder_count, content_hash, transaction_limits FROM customer.account ORDER BY account_id`),
    products: await read(`
      SELECT product_id, version, line, kind, display_name_zh, display_name_en, risk_level, annual_margin_micros, sale_start_date, sale_end_date, flags,
        content_hash FROM customer.product ORDER BY product_id`),
    holders: await read('SELECT party_id, account_id, role FROM customer.holder ORDER BY party_id, account_id'),
    transactions: await read(`
      SELECT transaction_id, account_id, party_id, sequence, post_time, booking_date, direction, currency_code, amount_minor, balance_after_minor,
        kind, channel, counterparty_name, counterparty_masked, remark FROM customer.transaction ORDER BY transaction_id`),
    rates: await read('SELECT * FROM customer.rate ORDER BY 1, 2, 3'),
    participants: await read(`
      SELECT party.source_id, staff_id, source FROM customer.participant JOIN customer.party USING (customer_id) ORDER BY 1, 2`),
  };
}

/** A customer snapshot with everything that the contract asks for, and what a test changes in it. */
export const snapshotOf = (changes: Partial<CustomerSnapshot>): CustomerSnapshot =>
  CustomerSnapshot.fromPartial({ sourceSystem: 'core', sourceId: 'C1', version: 1n, state: 1, ...changes } as CustomerSnapshot);

/** Everything that a log would get, so that a test can look into it. */
export function memoryLog() {
  const lines: string[] = [];
  const write = (fields: unknown, message?: string): void => {
    lines.push(JSON.stringify([fields, message], (_, value) => (typeof value === 'bigint' ? `${value}` : value)));
  };
  const log = { info: write, warn: write, error: write, debug: write };
  return { lines, log: log as unknown as Log };
}

/** Topics of the suite's own on the run's broker, and the service's consumers on them. */
export async function openStream(sync: SyncBench, prefix: string = suitePrefix()) {
  const { brokers } = sync.stack.kafka;
  await ensureTopics({ brokers, profile: 'local', prefix });
  const { lines, log } = memoryLog();
  const pauses = new SyncPauses(sync.workers);
  const shared = consuming(sync, sync, { brokers, clientId: 'test' }, pauses);
  const consumers = startConsumers({ ...shared, topicPrefix: prefix, log, decode: sync.decode }, { panels: [], timeline: [] });
  return {
    prefix,
    lines,
    pauses,
    consumers,
    publish: (messages: Iterable<BankMessage>) => publish(messages, { brokers, prefix }),
    /** Waits until everything that was published is applied or a dead letter. */
    drained: () =>
      eventually(
        async () => {
          const lag = await consumers.lag();
          if (lag.length === 0 || lag.some(({ messages }) => messages > 0n)) throw new Error('messages are waiting');
        },
        { timeoutMs: 50_000, everyMs: 200 },
      ),
    close: () => consumers.stop(),
  };
}
