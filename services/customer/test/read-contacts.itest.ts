import { deriveId, newId } from '@bankcrm/kernel';
import { Entry } from '@bankcrm/proto/gen/bankcrm/audit/v1/entries.ts';
import {
  ContactChannel,
  ContactPurpose,
  ContactsService,
  CustomersService,
  type ReadContactsRequest,
} from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';
import { DataClass } from '@bankcrm/proto/gen/bankcrm/options/v1/options.ts';
import { CustomerSnapshot } from '@bankcrm/proto/gen/corebanking/v1/customers.ts';
import { callUnary } from '@bankcrm/service';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fillBank, secrets, who } from './support/read-bank.ts';
import { openReads, type ReadBench, staff } from './support/reading.ts';

/** Services of this suite, and what each may do. */
const services: Readonly<Record<string, readonly string[]>> = {
  sender: ['customer.contacts.read'],
  desk: ['customer.contacts.find'],
};

let bench: ReadBench;
const ids: Record<string, string> = {};
beforeAll(async () => {
  bench = await openReads();
  bench.directory.serviceCallerOf = (clientId) => ({ kind: 'service', clientId, permissions: new Set(services[clientId]) });
  await fillBank(bench);
  await bench.give(
    'customer',
    individual('P1', '合家欢', {
      contacts: [
        { kind: 1, value: '139 0000 0001' },
        { kind: 1, value: '13900000002', preferred: true },
        { kind: 2, value: '010-60000001' },
        { kind: 3, value: 'a.b@example.com' },
      ],
    }),
    individual('P2', '销户', { state: 3, closeDate: '2025-01-01', contacts: [{ kind: 1, value: '13900000002' }] }),
    individual('P3', '无号', {}),
    ...Array.from({ length: 21 }, (_, index) =>
      individual(`Q${index}`, '同号', { contacts: [{ kind: 1, value: '13911110000' }], state: index === 0 ? 3 : 1 }),
    ),
  );
  for (const number of [who.restricted, who.zhang, 'P1', 'P2', 'P3']) ids[number] = await bench.customerOf(number);
});
afterAll(() => bench?.closeAll());

const individual = (sourceId: string, fullName: string, changes: Parameters<typeof CustomerSnapshot.fromPartial>[0]) =>
  CustomerSnapshot.fromPartial({
    sourceSystem: 'core',
    sourceId,
    version: 1n,
    state: 1,
    profile: { $case: 'individual', value: { fullName } },
    homeBranchCode: 'HQ',
    ...changes,
  });

const { MOBILE, EMAIL } = ContactChannel;
const { MARKETING, SERVICE } = ContactPurpose;

async function call<Request, Response>(
  clientId: string,
  method: { path: string; requestSerialize(value: Request): Buffer; responseDeserialize(value: Buffer): Response },
  request: Request,
): Promise<Response> {
  const token = bench.issuer.tokenFor({ preferred_username: `service-account-${clientId}`, azp: clientId });
  const bytes = await callUnary(bench.channel, method.path, method.requestSerialize(request), { token, deadlineMs: 20_000 });
  return method.responseDeserialize(bytes);
}
const requestOf = (
  customerIds: readonly string[],
  purpose: ContactPurpose = SERVICE,
  channel: ContactChannel = MOBILE,
): ReadContactsRequest => ({
  customers: customerIds.map((id) => `customers/${id}`),
  purpose,
  channel,
});
const read = (...request: Parameters<typeof requestOf>) => call('sender', ContactsService.readContacts, requestOf(...request));
const find = (contact: string) => call('desk', ContactsService.findByContact, { contact });
const named = (...numbers: string[]) => numbers.map((number) => `customers/${ids[number]}`).sort();

/** The entries that some work adds to the audit log. */
async function entriesOf(work: () => Promise<unknown>): Promise<Entry[]> {
  const before = await bench.workers.query<{ id: string }>('SELECT id FROM events.outbox');
  await work();
  const { rows } = await bench.workers.query<{ payload: Buffer }>(
    `SELECT payload FROM events.outbox WHERE NOT id = ANY ($1::uuid[]) AND topic = 'bankcrm.audit.v1.entries'`,
    [before.rows.map(({ id }) => id)],
  );
  return rows.map(({ payload }) => Entry.decode(payload));
}

describe('contacts read by a service', () => {
  it('are one of the channel for each customer, the preferred one, in the order asked for, each customer once', async () => {
    const unknown = newId();
    const { contacts } = await read([ids.P3!, ids.P1!, unknown, ids.P1!]);
    expect(contacts).toEqual([
      { customer: `customers/${ids.P3}`, displayName: '无号', contact: '', closed: false },
      { customer: `customers/${ids.P1}`, displayName: '合家欢', contact: '13900000002', closed: false },
    ]);
    const [byEmail] = (await read([ids.P1!], MARKETING, EMAIL)).contacts;
    expect(byEmail!.contact).toBe('a.b@example.com');
  });

  it('are those that staff have written before those of a source', async () => {
    const name = `customers/${ids[who.zhang]}`;
    const { etag } = await bench.as('rm', CustomersService.getCustomer, { name });
    const values = [{ field: 'mobile', value: '13512345678' }];
    await bench.as('rm', CustomersService.supplementCustomer, { name, values, etag, requestId: '' });
    expect((await read([ids[who.zhang]!])).contacts[0]!.contact).toBe('13512345678');
  });

  it('of a restricted or closed customer are for service messages only', async () => {
    const both = [ids[who.restricted]!, ids.P2!];
    expect((await read(both, SERVICE)).contacts).toEqual([
      { customer: `customers/${ids[who.restricted]}`, displayName: '王石', contact: secrets.restrictedMobile, closed: false },
      { customer: `customers/${ids.P2}`, displayName: '销户', contact: '13900000002', closed: true },
    ]);
    expect((await read(both, MARKETING)).contacts).toEqual([
      { customer: `customers/${ids.P2}`, displayName: '销户', contact: '', closed: true },
    ]);
  });

  it('are one entry of the log a batch: how many, what for, by which service, and no value', async () => {
    const entries = await entriesOf(() => read([ids.P1!, ids.P3!, ids[who.restricted]!]));
    expect(entries).toEqual([
      expect.objectContaining({
        actor: 'services/sender',
        operation: 'bankcrm.customer.v1.Contacts/ReadContacts',
        customer: '',
        reason: 'SERVICE',
        count: 2n,
        fields: [{ name: 'contacts.contact', dataClass: DataClass.C2_IDENTIFYING }],
      }),
    ]);
    const text = JSON.stringify(entries, (_, value) => (typeof value === 'bigint' ? String(value) : value));
    expect(text).not.toContain('13900000002');
    const none = await entriesOf(() => read([ids.P3!]));
    expect(none).toEqual([expect.objectContaining({ count: 0n, fields: [] })]);
  });

  it('are read by no person and by no service that may not, and never with a person asking in the database either', async () => {
    const request = requestOf([ids.P1!]);
    for (const name of ['compliance', 'admin', 'rm'] as const)
      await expect(bench.as(name, ContactsService.readContacts, request)).rejects.toMatchObject({ reason: 'SERVICE_ONLY' });
    await expect(call('desk', ContactsService.readContacts, request)).rejects.toMatchObject({ reason: 'PERMISSION_MISSING' });
    await expect(call('stranger', ContactsService.readContacts, request)).rejects.toMatchObject({ reason: 'PERMISSION_MISSING' });

    const rowsWith = async (settings: Record<string, string>): Promise<number> => {
      const client = await bench.requests.connect();
      try {
        await client.query('BEGIN');
        for (const [key, value] of Object.entries(settings)) await client.query('SELECT set_config($1, $2, true)', [key, value]);
        const { rowCount } = await client.query(`SELECT * FROM customer.read_contacts($1, 'mobile', true)`, [[ids.P1]]);
        return rowCount!;
      } finally {
        await client.query('ROLLBACK');
        client.release();
      }
    };
    expect(await rowsWith({ 'bankcrm.service': 'sender', 'bankcrm.staff_id': '' })).toBe(1);
    expect(await rowsWith({})).toBe(0);
    expect(await rowsWith({ 'bankcrm.service': '' })).toBe(0);
    expect(await rowsWith({ 'bankcrm.service': 'sender', 'bankcrm.staff_id': deriveId('staff', staff.compliance) })).toBe(0);
  });

  it('are read for 500 customers at most, with a purpose and a channel', async () => {
    expect((await read(Array.from({ length: 500 }, () => newId()))).contacts).toEqual([]);
    await expect(read(Array.from({ length: 501 }, () => newId()))).rejects.toMatchObject({
      kind: 'INVALID',
      fields: [{ field: 'customers', description: 'must be at most 500' }],
    });
    await expect(read([])).rejects.toMatchObject({ kind: 'INVALID' });
    await expect(read(['x'])).rejects.toMatchObject({ reason: 'INVALID_RESOURCE_NAME' });
    await expect(read([ids.P1!], ContactPurpose.UNSPECIFIED)).rejects.toMatchObject({ kind: 'INVALID' });
    await expect(read([ids.P1!], SERVICE, ContactChannel.UNSPECIFIED)).rejects.toMatchObject({ kind: 'INVALID' });
  });
});

describe('customers found by a contact', () => {
  it.each(['13900000002', '+86 139 0000 0002', '１３９０００００００２', '139-0000-0002'])(
    'are found as elsewhere: %s',
    async (phone) => {
      const { customers, truncated } = await find(phone);
      // The relation of the second has ended.
      expect(customers).toEqual([`customers/${ids.P1}`, `customers/${ids.P2}`]);
      expect(truncated).toBe(false);
    },
  );

  it('are found by a landline, by an e-mail in any letters, and restricted ones, too', async () => {
    expect((await find('+861060000001')).customers).toEqual(named('P1'));
    expect((await find(' A.B@Example.com')).customers).toEqual(named('P1'));
    expect((await find(secrets.restrictedMobile)).customers).toEqual(named(who.restricted));
    expect((await find('13899999999')).customers).toEqual([]);
    // An ID number is no contact.
    expect((await find(secrets.zhangAccount)).customers).toEqual([]);
  });

  it('are 20 at most, those whose relation goes on first', async () => {
    const { customers, truncated } = await find('13911110000');
    expect([customers.length, truncated]).toEqual([20, true]);
    expect(customers).not.toContain(`customers/${await bench.customerOf('Q0')}`);
  });

  it('leave one entry that says how many, and what was asked for nowhere in the clear', async () => {
    const lines = bench.logLines.length;
    const entries = await entriesOf(() => find('13900000002'));
    expect(entries).toEqual([
      expect.objectContaining({ actor: 'services/desk', operation: 'bankcrm.customer.v1.Contacts/FindByContact', count: 2n }),
    ]);
    expect(entries[0]!.queryHash.length).toBeGreaterThan(0);
    await expect(call('sender', ContactsService.findByContact, { contact: '13900000002' })).rejects.toMatchObject({
      reason: 'PERMISSION_MISSING',
    });
    await expect(bench.as('agent', ContactsService.findByContact, { contact: '13900000002' })).rejects.toMatchObject({
      reason: 'SERVICE_ONLY',
    });
    expect(bench.logLines.length).toBeGreaterThan(lines);
    const said = [
      ...bench.logLines,
      JSON.stringify(bench.refusals, (_, value) => (typeof value === 'bigint' ? String(value) : value)),
    ];
    expect(said.join('\n')).not.toMatch(/13900000002|a\.b@example/);
  });

  it.each(['', '张三', '139****0002', '123'])('cannot be looked for by %j', async (text) => {
    await expect(find(text)).rejects.toMatchObject({
      kind: 'INVALID',
      fields: [{ field: 'contact', description: 'must be a complete phone number or an e-mail address' }],
    });
  });
});
