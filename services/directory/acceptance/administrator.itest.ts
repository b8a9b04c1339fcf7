import { countCustomers } from '@bankcrm/acceptance/api.ts';
import { as, Person, problem } from '@bankcrm/acceptance/client.ts';
import { everybody, isOpen } from '@bankcrm/acceptance/ledger.ts';
import { people } from '@bankcrm/acceptance/people.ts';
import { database } from '@bankcrm/acceptance/postgres.ts';
import { stack } from '@bankcrm/acceptance/run.ts';
import { act, moveOrgUnit, orgUnits, staffByNumber } from '@bankcrm/acceptance/staff-api.ts';
import { signIn } from '@bankcrm/local';
import { beforeAll, describe, expect, it, vi } from 'vitest';

let admin: Person;
beforeAll(async () => {
  admin = await as(people.admin);
});

/** How long a change takes to be felt, in milliseconds. Fails after the second that the promise gives, and some slack for a busy machine. */
async function felt(check: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await vi.waitFor(check, { timeout: 1_500, interval: 20 });
  return performance.now() - began;
}

/** Of a promise in seconds, on a machine that others use too: one that stands still for a while has broken nothing. Kept in one of three tries. */
const retry = 2;

describe('suspending somebody', () => {
  it('stops the next request within a second although the token is still valid, in every service', { retry }, async () => {
    const person = await as(people.shanghaiRm);
    expect((await person.get('/v1/customers')).status).toBe(200);
    await act(admin, people.shanghaiRm, 'suspend', { reason: 'investigation' });
    try {
      const ms = await felt(async () => {
        for (const path of ['/v1/customers', '/v1/me'])
          expect(problem(await person.get(path))).toMatchObject({ status: 403, reason: 'STAFF_SUSPENDED' });
      });
      console.log(`a suspension was felt after ${Math.round(ms)} ms`);
      await vi.waitFor(() => expect(signIn(stack(), people.shanghaiRm)).rejects.toThrow(), { timeout: 5_000 });
    } finally {
      await act(admin, people.shanghaiRm, 'reinstate', { reason: 'cleared' });
    }
  });

  it('is undone by reinstating, but the tokens from before stay withdrawn', async () => {
    const before = await as(people.shanghaiTeller);
    expect((await before.get('/v1/me')).status).toBe(200);
    await act(admin, people.shanghaiTeller, 'suspend', { reason: 'left the premises' });
    await act(admin, people.shanghaiTeller, 'reinstate', { reason: 'back' });
    // Tokens tell their time in whole seconds: one of the second of the suspension itself counts as older.
    await vi.waitFor(
      async () => {
        const fresh = new Person(await signIn(stack(), people.shanghaiTeller));
        expect((await fresh.get('/v1/customers')).status).toBe(200);
      },
      { timeout: 10_000, interval: 250 },
    );
    expect(problem(await before.get('/v1/me'))).toMatchObject({ status: 401, reason: 'TOKEN_WITHDRAWN' });
    expect(problem(await before.get('/v1/customers'))).toMatchObject({ status: 401, reason: 'TOKEN_WITHDRAWN' });
  });

  it('is not done to oneself', async () => {
    const { name, etag } = await staffByNumber(admin, people.admin);
    const reply = await admin.post(`/v1/${name}:suspend`, { reason: 'x' }, { 'if-match': `"${etag}"` });
    expect(problem(reply)).toMatchObject({ status: 403, reason: 'OWN_STATE' });
  });

  it('is refused to who saw another state', async () => {
    const { name, etag } = await staffByNumber(admin, people.shanghaiManager);
    const headers = { 'if-match': `"${Number(etag) + 1000}"` };
    expect(problem(await admin.post(`/v1/${name}:suspend`, { reason: 'x' }, headers))).toMatchObject({
      status: 412,
      reason: 'ETAG_MISMATCH',
    });
    expect((await staffByNumber(admin, people.shanghaiManager)).state).toBe(1);
  });

  it('waits for nobody to read first', async () => {
    const { name } = await staffByNumber(admin, people.marketer);
    for (const [verb, state] of [
      ['suspend', 2],
      ['reinstate', 1],
    ] as const) {
      const reply = await admin.post(`/v1/${name}:${verb}`, { reason: 'x' });
      expect(reply.status, reply.text).toBe(200);
      expect((await staffByNumber(admin, people.marketer)).state).toBe(state);
    }
  });
});

describe('setting the posts of somebody', () => {
  it('takes away and gives what the posts allow within a second', { retry }, async () => {
    const person = await as(people.guangzhouManager);
    const { name, etag, posts } = await staffByNumber(admin, people.guangzhouManager);
    const set = (to: object[], version: string) =>
      admin.post(`/v1/${name}:setPosts`, { posts: to }, { 'if-match': `"${version}"` });
    expect((await person.get('/v1/customers')).status).toBe(200);

    const changed = await set([{ orgUnit: posts[0]!.orgUnit, role: 'operator' }], etag);
    expect(changed.status, changed.text).toBe(200);
    try {
      await felt(async () =>
        expect(problem(await person.get('/v1/customers'))).toMatchObject({ status: 403, reason: 'PERMISSION_MISSING' }),
      );
    } finally {
      const back = (await staffByNumber(admin, people.guangzhouManager)).etag;
      expect((await set(posts, back)).status).toBe(200);
    }
    await felt(async () => expect((await person.get('/v1/customers')).status).toBe(200));
  });

  it('is remembered: compliance reads who gave which post, and what was held before', async () => {
    const { name, etag, posts } = await staffByNumber(admin, people.otherTeller);
    const { orgUnit } = posts[0]!;
    const set = (to: object[], version: string) =>
      admin.post(`/v1/${name}:setPosts`, { posts: to }, { 'if-match': `"${version}"` });
    expect((await set([{ orgUnit, role: 'service-agent' }], etag)).status).toBe(200);
    expect((await set(posts, (await staffByNumber(admin, people.otherTeller)).etag)).status).toBe(200);
    const { name: actor } = await staffByNumber(admin, people.admin);
    const compliance = await as(people.compliance);
    const { entries } = JSON.parse((await compliance.get(`/v1/${name}/history`, { pageSize: 2 })).text);
    const operation = 'bankcrm.directory.v1.Staff/SetPosts';
    const [held, given] = [`teller ${orgUnit}`, `service-agent ${orgUnit}`];
    expect(entries).toMatchObject([
      { actor, operation, changes: [{ field: 'posts', oldValue: given, newValue: held }] },
      { actor, operation, changes: [{ field: 'posts', oldValue: held, newValue: given }] },
    ]);
    expect(problem(await (await as(people.hqManager)).get(`/v1/${name}/history`))).toMatchObject({ status: 403 });
  });

  it('takes no more than two, no unknown role and none for oneself', async () => {
    const other = await staffByNumber(admin, people.guangzhouManager);
    const self = await staffByNumber(admin, people.admin);
    const { orgUnit } = other.posts[0]!;
    const set = ({ name, etag }: typeof other, roles: string[]) =>
      admin.post(`/v1/${name}:setPosts`, { posts: roles.map((role) => ({ orgUnit, role })) }, { 'if-match': `"${etag}"` });
    expect(problem(await set(other, ['rm', 'teller', 'operator'])).status).toBe(400);
    expect(problem(await set(other, ['emperor'])).status).toBe(400);
    expect(problem(await set(self, ['hq-manager']))).toMatchObject({ status: 403, reason: 'OWN_POSTS' });
  });
});

describe('moving an org unit', () => {
  const at = (...codes: string[]) =>
    everybody.filter((truth) => isOpen(truth) && !truth.customer.restricted && codes.includes(truth.customer.homeBranchCode))
      .length;

  it('moves the scope of those above it without rewriting a customer', async () => {
    const [beijing, shanghai] = [await as(people.beijingManager), await as(people.shanghaiManager)];
    const counts = async () => [await countCustomers(beijing), await countCustomers(shanghai)] as [number, number];
    const before = await counts();
    const moving = at('BJ-XC');
    expect(moving).toBeGreaterThan(5);
    const versions = () =>
      database(
        stack(),
        'customer',
        async (query) => (await query('SELECT customer_id, version, xmin::text FROM customer.customer ORDER BY 1')).rows,
      );
    const rows = await versions();
    await moveOrgUnit(admin, 'BJ-XC', 'SH');
    try {
      await vi.waitFor(
        async () => {
          const [left, right] = await counts();
          expect(before[0] - left, 'what one manager loses, the other one gains').toBe(right - before[1]);
          expect(before[0] - left).toBeGreaterThanOrEqual(moving);
        },
        { timeout: 5_000 },
      );
      expect(await versions()).toEqual(rows);
    } finally {
      await moveOrgUnit(admin, 'BJ-XC', 'BJ');
    }
    await vi.waitFor(async () => expect(await counts()).toEqual(before), { timeout: 5_000 });
  });

  it('refuses a move below itself', async () => {
    const units = await orgUnits(admin);
    const beijing = units.get('BJ')!;
    const body = { destinationParent: units.get('BJ-CY')!.name };
    const reply = await admin.post(`/v1/${beijing.name}:move`, body, { 'if-match': `"${beijing.etag}"` });
    expect(problem(reply).status).toBe(409);
  });
});

describe('creating', () => {
  it('gives an org unit a place in the tree once, however often the same request is sent', async () => {
    const parent = (await orgUnits(admin)).get('GZ')!.name;
    const unit = { code: 'GZ-PY', displayName: '广州番禺支行', kind: 'ORG_UNIT_KIND_SUB_BRANCH', parent };
    const key = { 'idempotency-key': 'create-gz-py-0001' };
    const replies = await Promise.all(Array.from({ length: 4 }, () => admin.post('/v1/orgUnits', unit, key)));
    expect(new Set(replies.map((reply) => reply.text)).size).toBe(1);
    expect(replies[0]!.status, replies[0]!.text).toBe(200);
    expect((await orgUnits(admin)).get('GZ-PY')?.displayName).toBe('广州番禺支行');

    const other = await admin.post('/v1/orgUnits', { ...unit, code: 'GZ-HZ' }, key);
    expect(problem(other)).toMatchObject({ status: 422, reason: 'IDEMPOTENCY_KEY_REUSED' });
    expect((await orgUnits(admin)).has('GZ-HZ')).toBe(false);
  });

  it('takes a code and a staff number only once', async () => {
    const parent = (await orgUnits(admin)).get('GZ')!.name;
    const unit = { code: 'BJ-CY', displayName: '又一个', kind: 'ORG_UNIT_KIND_SUB_BRANCH', parent };
    expect(problem(await admin.post('/v1/orgUnits', unit)).status).toBe(409);
    const staff = {
      staffNumber: people.rm,
      displayName: '又一个',
      email: 'again@bank.example',
      posts: [{ orgUnit: parent, role: 'rm' }],
    };
    expect(problem(await admin.post('/v1/staff', staff)).status).toBe(409);
  });

  it('is for administrators only', async () => {
    const manager = await as(people.hqManager);
    expect(problem(await manager.post('/v1/orgUnits', { code: 'X' }))).toMatchObject({
      status: 403,
      reason: 'PERMISSION_MISSING',
    });
  });
});
