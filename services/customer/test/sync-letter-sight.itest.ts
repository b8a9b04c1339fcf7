import { coreTopics } from '@bankcrm/contract';
import { inTransaction } from '@bankcrm/database';
import { correctDeadLetter } from '@bankcrm/events';
import type { AppError } from '@bankcrm/kernel';
import { registry } from '@bankcrm/proto/descriptors';
import { AccountSnapshot, HolderRole } from '@bankcrm/proto/gen/corebanking/v1/accounts.ts';
import { CustomerSnapshot, CustomerState } from '@bankcrm/proto/gen/corebanking/v1/customers.ts';
import { type BankMessage, simulate } from '@bankcrm/simulator';
import { fromBinary, type JsonObject, toJson } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { staffIdOf } from './support/reading.ts';
import { type OperatorBench, openOperators, refusal } from './support/sync-operator-bench.ts';

type Letter = Awaited<ReturnType<OperatorBench['call']>> & { name: string; etag: string; field: string };

const source = [...simulate({ customers: 6, seed: 88, months: 1 })];
const snapshots = source.filter(({ topic }) => topic === coreTopics.customers);
const [, famous, other] = snapshots;
const decoded = (message: BankMessage) => CustomerSnapshot.decode(message.value);
const accountMessage = source.find(({ topic }) => topic === coreTopics.accounts)!;
const account = {
  ...AccountSnapshot.decode(accountMessage.value),
  holders: [
    { customerSourceId: decoded(other!).sourceId, role: HolderRole.OWNER },
    { customerSourceId: decoded(famous!).sourceId, role: HolderRole.JOINT_OWNER },
  ],
};
const posting = source.find(({ topic }) => topic === coreTopics.transactions)!;

/** A message of the contract as proto3 JSON. */
function json(name: string, bytes: Uint8Array): JsonObject {
  const schema = registry.getMessage(`corebanking.v1.${name}`)!;
  return toJson(schema, fromBinary(schema, bytes)) as JsonObject;
}
const jsonOfAccount = (value: Partial<AccountSnapshot>) =>
  json('AccountSnapshot', AccountSnapshot.encode({ ...account, ...value }).finish());

const asJson = (message: BankMessage, value: object): BankMessage => ({
  ...message,
  headers: { ...message.headers, 'content-type': 'application/json' },
  value: Buffer.from(JSON.stringify(value)),
});

/** Ends in the middle of a field. */
const cutOff = { ...other!, value: Buffer.concat([other!.value, Buffer.from([0x0a, 0x7f])]) };

let bench: OperatorBench;
let famousId: string;
beforeAll(async () => {
  bench = await openOperators();
  const restricted = { ...decoded(famous!), restricted: true };
  await bench.stream.publish([
    ...snapshots.map((message) =>
      message === famous ? { ...message, value: Buffer.from(CustomerSnapshot.encode(restricted).finish()) } : message,
    ),
    { ...accountMessage, value: Buffer.from(AccountSnapshot.encode(account).finish()) },
  ]);
  await bench.stream.drained();
  famousId = await customerOf(restricted);
});
afterAll(() => bench?.close());

const customerOf = async ({ sourceSystem, sourceId }: { sourceSystem: string; sourceId: string }): Promise<string> => {
  const { rows } = await bench.sync.workers.query<{ customer_id: string }>(
    'SELECT customer_id FROM customer.party WHERE source_system = $1 AND source_id = $2',
    [sourceSystem, sourceId],
  );
  return rows[0]!.customer_id;
};
const rowOf = async (customerId: string) =>
  (await bench.sync.workers.query('SELECT * FROM customer.customer WHERE customer_id = $1', [customerId])).rows[0];

/** The letter that a message becomes. */
async function letterOf(message: BankMessage): Promise<Letter> {
  await bench.stream.publish([message]);
  await bench.stream.drained();
  const { deadLetters } = await bench.call('steward', 'listDeadLetters', { pageSize: 1, pageToken: '', filter: '' });
  return deadLetters[0] as Letter;
}
const read = (name: string) => bench.call('steward', 'readDeadLetter', { name });
const correct = ({ name, etag }: Letter, value: object) =>
  bench.call('steward', 'correctDeadLetter', { name, etag, json: JSON.stringify(value) });
const replay = (name: string) => bench.call('steward', 'replayDeadLetters', { name, reason: '', pageToken: '' });
const takePart = (who: 'steward', customerId: string) =>
  bench.sync.workers.query(
    `INSERT INTO customer.participant (customer_id, staff_id, reason, source, create_time) VALUES ($1, $2, 'named for a test', 'manual', now())`,
    [customerId, staffIdOf(who)],
  );

/** What of a customer may be written to a letter that is otherwise good, with a state that nobody knows. */
const jsonOf = (message: BankMessage, version: bigint) => {
  const snapshot = json('CustomerSnapshot', CustomerSnapshot.encode({ ...decoded(message), version }).finish());
  return { ...snapshot, state: 'CUSTOMER_STATE_ASLEEP' };
};
const awake = { state: 'CUSTOMER_STATE_ACTIVE' };

describe('a correction', () => {
  it('leaves the customer, who sees the customer and by what the customer is found as they were received', async () => {
    const received = jsonOf(other!, 10n ** 12n);
    const letter = await letterOf(asJson(other!, received));
    const before = await rowOf(famousId);
    const changes = {
      source_id: { sourceId: decoded(famous!).sourceId, restricted: false, rmStaffNumber: '100010' },
      source_system: { sourceSystem: 'card' },
      version: { version: '9000000000000000000' },
      repair: { repair: true },
      restricted: { restricted: true },
      home_branch_code: { homeBranchCode: 'SH-PD' },
      rm_staff_number: { rmStaffNumber: '100010' },
      segment: { segment: 'private-banking' },
      identifiers: { identifiers: [{ kind: 'IDENTIFIER_KIND_RESIDENT_ID', value: '110105194912310021' }] },
      contacts: { contacts: [{ kind: 'CONTACT_KIND_MOBILE', value: '13800138000' }] },
    };
    for (const [field, change] of Object.entries(changes)) {
      const refused = await correct(letter, { ...received, ...awake, ...change }).catch((error: AppError) => error);
      expect(refused, field).toMatchObject({ kind: 'INVALID', reason: 'ONLY_BY_SOURCE' });
      expect(String((refused as AppError).cause), field).toContain(`json.${field}:`);
    }
    expect(await rowOf(famousId)).toEqual(before);
    expect(await read(letter.name)).toMatchObject({ deadLetter: { corrected: false, state: 'WAITING' } });

    await correct(letter, { ...received, ...awake });
    expect(await replay(letter.name)).toMatchObject({ applied: 1n });
  });

  it('leaves the holders and the number of an account, and the account and customer of a posting as they were received', async () => {
    const own = {
      ...jsonOfAccount({ version: 10n ** 12n }),
      holders: [{ customerSourceId: decoded(other!).sourceId, role: 'HOLDER_ROLE_OWNER' }],
    };
    const accountLetter = await letterOf(asJson(accountMessage, { ...own, sourceId: 'own-account', kind: 'ACCOUNT_KIND_DREAM' }));
    const good = { ...own, sourceId: 'own-account', kind: 'ACCOUNT_KIND_DEPOSIT' };
    for (const [field, change] of Object.entries({
      holders: { holders: [...own.holders, { customerSourceId: 'somebody', role: 'HOLDER_ROLE_OWNER' }] },
      number: { number: '6222020200112346789' },
      source_id: { sourceId: account.sourceId },
      version: { version: '9000000000000000000' },
    }))
      await expect(correct(accountLetter, { ...good, ...change }), field).rejects.toThrow(refusal('INVALID', 'ONLY_BY_SOURCE'));
    await correct(accountLetter, good);

    const posted = json('TransactionPosted', posting.value);
    const money = { amount: { currencyCode: 'CNY', minorUnits: '1' }, balanceAfter: { currencyCode: 'CNY', minorUnits: '1' } };
    const receivedPosting = {
      ...posted,
      transactionId: 'sight-1',
      accountSourceId: 'A1',
      customerSourceId: decoded(other!).sourceId,
    };
    const letter = await letterOf(asJson(posting, { ...receivedPosting, amount: { currencyCode: 'ZZZ', minorUnits: '1' } }));
    const goodPosting = { ...receivedPosting, ...money };
    for (const change of [
      { accountSourceId: account.sourceId },
      { customerSourceId: decoded(famous!).sourceId },
      { transactionId: 'sight-2' },
      { sequence: '9000000000000000000' },
    ])
      await expect(correct(letter, { ...goodPosting, ...change }), JSON.stringify(change)).rejects.toThrow(
        refusal('INVALID', 'ONLY_BY_SOURCE'),
      );
    await correct(letter, goodPosting);
  });

  it('is refused where what was received does not say which customer or version it is: the source sends it again', async () => {
    const letter = await letterOf(cutOff);
    await takePart('steward', famousId);
    await expect(correct(letter, { ...jsonOf(other!, 1n), ...awake })).rejects.toThrow(refusal('REFUSED', 'CONTENT_WITHHELD'));
    await bench.sync.workers.query('DELETE FROM customer.participant WHERE customer_id = $1', [famousId]);
    const vague = await letterOf(asJson(other!, { ...jsonOf(other!, 1n), version: 'soon' }));
    await expect(correct(vague, { ...jsonOf(other!, 10n ** 13n), ...awake })).rejects.toThrow(
      refusal('INVALID', 'ONLY_BY_SOURCE'),
    );
  });

  it('names the customer in the audit log and in the history, when it is made and when it takes effect', async () => {
    const received = { ...jsonOf(other!, 10n ** 14n) };
    const letter = await letterOf(asJson(other!, received));
    await read(letter.name);
    await correct(letter, { ...received, ...awake });
    await replay(letter.name);
    const customerId = await customerOf(decoded(other!));
    for (const operation of ['ReadDeadLetter', 'CorrectDeadLetter', 'ReplayDeadLetters']) {
      const entries = (await bench.auditEntries(operation)).filter(({ resource }) => resource === letter.name);
      expect(entries.map(({ customer }) => customer).filter((name) => name !== '')).toEqual([`customers/${customerId}`]);
      expect(entries.every(({ highPrivilege, actor }) => highPrivilege && actor === `staff/${staffIdOf('steward')}`)).toBe(true);
    }
    const { rows } = await bench.sync.workers.query<{ operation: string }>(
      'SELECT operation FROM customer.history WHERE customer_id = $1 ORDER BY event_time DESC, entry_id DESC LIMIT 3',
      [customerId],
    );
    expect(rows.map(({ operation }) => operation.split('/')[1])).toEqual([
      'ReplayDeadLetters',
      'CorrectDeadLetter',
      'ReadDeadLetter',
    ]);
  });

  it('is told, as applied, to the other readers of core banking, and waits for its sending sealed', async () => {
    const received = jsonOf(other!, 10n ** 15n);
    const letter = await letterOf(asJson(other!, received));
    await correct(letter, { ...received, ...awake });
    await replay(letter.name);
    await replay(letter.name);
    const id = letter.name.slice('deadLetters/'.length);
    const { rows } = await bench.sync.workers.query(
      `SELECT id, type, key, subject, payload, is_sealed FROM events.outbox WHERE topic = 'bankcrm.customer.v1.corrected-messages' AND id = $1`,
      [id],
    );
    const { sourceId, identifiers } = decoded(other!);
    expect(rows).toEqual([
      expect.objectContaining({
        id,
        type: 'corebanking.customer-snapshot.v1',
        key: sourceId,
        subject: letter.name,
        is_sealed: true,
      }),
    ]);
    expect(rows[0].payload.includes(Buffer.from(identifiers[0]!.value))).toBe(false);
    const plain = bench.sync.sealer.open(rows[0].payload, { table: 'events.outbox', column: 'payload', rowId: id });
    expect(CustomerSnapshot.decode(plain)).toEqual({
      ...decoded(other!),
      version: 10n ** 15n,
      state: CustomerState.ACTIVE,
    });
  });
});

it("a correction of an earlier release that widens somebody's sight is not replayed", async () => {
  const received = jsonOf(other!, 10n ** 17n);
  const letter = await letterOf(asJson(other!, received));
  const id = letter.name.slice('deadLetters/'.length);
  const widening = asJson(famous!, { ...jsonOf(famous!, 10n ** 17n), ...awake, restricted: false });
  const headers = Object.fromEntries(Object.entries(widening.headers).map(([name, value]) => [name, Buffer.from(value)]));
  await inTransaction(bench.sync.requests, { 'bankcrm.staff_id': staffIdOf('steward') }, async (tx) => {
    const content = { key: Buffer.from(widening.key!), value: widening.value, headers };
    await correctDeadLetter(tx, bench.sync.sealer, { id, version: BigInt(letter.etag), content, now: new Date() });
  });
  const before = await rowOf(famousId);
  expect(await replay(letter.name)).toMatchObject({ applied: 0n, stillWaiting: 1n });
  expect(await rowOf(famousId)).toEqual(before);
  expect((await read(letter.name)).deadLetter).toMatchObject({ reason: 'ONLY_BY_SOURCE', field: 'source_id', state: 'WAITING' });
});

it('a letter that is given up stands in the history of the customer that it concerns', async () => {
  const letter = await letterOf(asJson(other!, jsonOf(other!, 1n)));
  await bench.call('steward', 'discardDeadLetters', { name: letter.name, reason: '', note: 'sent again since', pageToken: '' });
  const customer = `customers/${await customerOf(decoded(other!))}`;
  expect((await bench.auditEntries('DiscardDeadLetters')).at(-1)).toMatchObject({
    resource: letter.name,
    customer,
    reason: 'sent again since',
  });
});

describe('the content of a letter', () => {
  const withheld = { headers: {}, key: '', json: '', contentWithheld: true };

  it.each([
    ['of a restricted customer', () => asJson(famous!, { ...jsonOf(famous!, 10n ** 12n), restricted: true })],
    ['that would lift a restriction', () => asJson(famous!, { ...jsonOf(famous!, 10n ** 12n), restricted: false })],
    [
      'of an account that a restricted customer holds with others',
      () =>
        asJson(accountMessage, {
          ...jsonOfAccount({ holders: account.holders.slice(0, 1) }),
          kind: 'X',
        }),
    ],
    [
      'of a posting on such an account',
      () => {
        const posted = json('TransactionPosted', posting.value);
        const names = { accountSourceId: account.sourceId, customerSourceId: decoded(other!).sourceId, transactionId: 'sight-9' };
        return asJson(posting, { ...posted, ...names, direction: 'SIDEWAYS' });
      },
    ],
  ])('%s is for those who take part, and others see reason, topic and time', async (_, message) => {
    const letter = await letterOf(message());
    expect(letter).toMatchObject({ reason: 'UNKNOWN_ENUM', state: 'WAITING' });
    const content = await read(letter.name);
    expect(content).toMatchObject({ ...withheld, deadLetter: { name: letter.name, reason: 'UNKNOWN_ENUM' } });
    expect(content.rawValue).toHaveLength(0);
    const shown = async () => (await bench.auditEntries('ReadDeadLetter')).at(-1)!.fields.map(({ name }) => name);
    expect(await shown()).toEqual([]);
    await expect(correct(letter, { ...jsonOf(famous!, 10n ** 12n), ...awake })).rejects.toThrow(
      refusal('REFUSED', 'CONTENT_WITHHELD'),
    );

    await takePart('steward', famousId);
    expect((await read(letter.name)).json).not.toBe('');
    expect(await shown()).toEqual(['headers', 'key', 'raw_value', 'json']);
    await bench.sync.workers.query('DELETE FROM customer.participant WHERE customer_id = $1', [famousId]);
  });

  it('that would restrict somebody, or that names no customer, is for nobody', async () => {
    const restricting = await letterOf(asJson(other!, { ...jsonOf(other!, 10n ** 16n), restricted: true }));
    const newcomer = await letterOf(asJson(other!, { ...jsonOf(other!, 1n), sourceId: 'nobody-yet', restricted: true }));
    const unreadable = await letterOf(cutOff);
    for (const { name } of [restricting, newcomer, unreadable]) expect(await read(name)).toMatchObject(withheld);
  });

  it('that stands on a topic of another kind, or that spells a number otherwise, hides nobody', async () => {
    const rates = { ...asJson(famous!, jsonOf(famous!, 1n)), topic: coreTopics.rates };
    const { 'content-type': contentType } = asJson(famous!, {}).headers;
    const letters = [
      await letterOf({ ...rates, key: 'CNY/USD' }),
      await letterOf({ ...rates, headers: { ...rates.headers, ce_type: 'corebanking.rate-quoted.v1' } }),
      await letterOf(asJson(famous!, { ...jsonOf(famous!, 1n), sourceId: ` ${decoded(famous!).sourceId} `, restricted: false })),
      await letterOf({ ...accountMessage, topic: coreTopics.customers, headers: { 'content-type': 'application/protobuf' } }),
      await letterOf({
        ...asJson(other!, { ...jsonOf(other!, 1n), sourceId: 'newcomer-2' }),
        headers: { 'content-type': contentType! },
      }),
      await letterOf(
        asJson(accountMessage, { ...jsonOfAccount({ holders: [{ customerSourceId: 'nobody-yet', role: 1 }] }), kind: 'X' }),
      ),
    ];
    for (const { name } of letters) expect([name, await read(name)]).toEqual([name, expect.objectContaining(withheld)]);
  });

  it('of a customer who is new and of a customer in sight is shown', async () => {
    const newcomer = await letterOf(asJson(other!, { ...jsonOf(other!, 1n), sourceId: 'newcomer' }));
    expect(await read(newcomer.name)).toMatchObject({ contentWithheld: false, json: expect.stringContaining('newcomer') });
  });
});
