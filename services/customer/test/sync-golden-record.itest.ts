import { blindIndex, keySet } from '@bankcrm/access';
import { inTransaction, nobody } from '@bankcrm/database';
import { deriveId, newId } from '@bankcrm/kernel';
import { CustomerChanged } from '@bankcrm/proto/gen/bankcrm/customer/v1/events.ts';
import { OrgUnitChanged } from '@bankcrm/proto/gen/bankcrm/directory/v1/events.ts';
import { CustomerPanel } from '@bankcrm/proto/gen/bankcrm/panel/v1/panel.ts';
import { AccountSnapshot } from '@bankcrm/proto/gen/corebanking/v1/accounts.ts';
import { CustomerSnapshot } from '@bankcrm/proto/gen/corebanking/v1/customers.ts';
import { TransactionPosted } from '@bankcrm/proto/gen/corebanking/v1/transactions.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { placeCustomers } from '../src/app/golden-record/place-customers.ts';
import { refoldCustomers } from '../src/app/golden-record/refold-customers.ts';
import { applyAccounts } from '../src/app/sync/apply-accounts.ts';
import { applyCustomers } from '../src/app/sync/apply-customers.ts';
import { applyOrgUnits } from '../src/app/sync/apply-org-units.ts';
import { applyPanels } from '../src/app/sync/apply-panels.ts';
import { applyTransactions } from '../src/app/sync/apply-transactions.ts';
import { openSync, party, type SyncBench } from './support/syncing.ts';

let sync: SyncBench;
const staff = new Map<string, string>();
beforeAll(async () => {
  sync = await openSync({
    staff: { staffIdOf: (number) => staff.get(number) as ReturnType<SyncBench['syncDeps']['staff']['staffIdOf']> },
  });
});
afterAll(() => sync.close());
beforeEach(async () => {
  staff.clear();
  await sync.workers.query(`
    DELETE FROM customer.party; DELETE FROM customer.customer; DELETE FROM customer.customer_summary; DELETE FROM customer.party_snapshot;
    DELETE FROM customer.identifying_value; DELETE FROM customer.name_token; DELETE FROM customer.participant; DELETE FROM customer.supplement;
    DELETE FROM customer.org_unit; DELETE FROM customer.org_unit_closure; DELETE FROM events.outbox`);
});

const snapshot = (changes: Partial<CustomerSnapshot>, fullName = '张伟') =>
  CustomerSnapshot.fromPartial({
    sourceSystem: 'core',
    sourceId: 'A',
    version: 1n,
    state: 1,
    profile: { $case: 'individual', value: { fullName, occupation: '教师' } },
    identifiers: [{ kind: 1, value: '11010519491231002X' }],
    ...changes,
  } as CustomerSnapshot);
const customers = (...snapshots: CustomerSnapshot[]) =>
  inTransaction(sync.workers, nobody, (tx) => applyCustomers(tx, sync.syncDeps, snapshots, new Date()));
const units = (...given: [id: string, code: string, parent: string, sequence: bigint][]) =>
  inTransaction(sync.workers, nobody, (tx) =>
    applyOrgUnits(
      tx,
      given.map(([id, code, parent, sequence]) =>
        OrgUnitChanged.fromPartial({ orgUnitId: unit(id), code, parentId: parent === '' ? '' : unit(parent), sequence }),
      ),
    ),
  );
const unit = (id: string): string => deriveId('org-unit', id);
const rowOf = async (sourceId: string, sourceSystem = 'core') =>
  (
    await sync.workers.query(
      'SELECT customer.* FROM customer.customer JOIN customer.party USING (customer_id) WHERE party_id = $1',
      [party(sourceId, sourceSystem)],
    )
  ).rows[0];
const events = async () =>
  (
    await sync.workers.query<{ payload: Buffer }>(
      `SELECT payload FROM events.outbox WHERE topic = 'bankcrm.customer.v1.customers' ORDER BY position`,
    )
  ).rows.map(({ payload }) => CustomerChanged.decode(payload));
const placeAll = async () => {
  while (await placeCustomers(sync.workers, sync.syncDeps, new Date()));
};

/** The code with the check character that follows from its first 17 characters (GB 32100-2015). */
function creditCode(region: string, organisation: string): string {
  const alphabet = '0123456789ABCDEFGHJKLMNPQRTUWXY';
  const digits = region + organisation;
  let sum = 0;
  for (const [index, character] of [...digits].entries()) sum += alphabet.indexOf(character) * (3 ** index % 31);
  return digits + alphabet[(31 - (sum % 31)) % 31];
}

describe('the customer’s record', () => {
  it('publishes each change once, with the version that it made', async () => {
    await customers(snapshot({}));
    await customers(snapshot({ version: 2n, segment: 'wealth' }));
    await customers(snapshot({ version: 2n, segment: 'wealth' }), snapshot({ version: 1n }));
    await customers(snapshot({ version: 3n, segment: 'wealth' }));
    expect((await events()).map(({ sequence, changedFields, source }) => ({ sequence, changedFields, source }))).toEqual([
      { sequence: 1n, changedFields: ['state', 'full_name'], source: 'core' },
      { sequence: 2n, changedFields: ['segment'], source: 'core' },
    ]);
    expect(await rowOf('A')).toMatchObject({ version: 2n, segment: 'wealth' });
  });

  it('takes the same version again only where a repair says something else', async () => {
    await customers(snapshot({}));
    await customers(snapshot({ segment: 'other' }));
    expect(await rowOf('A')).toMatchObject({ segment: '' });
    await customers(snapshot({ segment: 'repaired', repair: true }));
    expect(await rowOf('A')).toMatchObject({ segment: 'repaired', version: 2n });
    await customers(snapshot({ segment: 'repaired', repair: true }));
    expect(await rowOf('A')).toMatchObject({ version: 2n });
  });

  it('keeps what staff have supplemented when the core says otherwise', async () => {
    await customers(snapshot({}));
    const { customer_id: id } = await rowOf('A');
    await sync.workers.query(`INSERT INTO customer.supplement VALUES ($1, 'occupation', '医生', $2, now())`, [id, newId()]);
    await inTransaction(sync.workers, nobody, (tx) => refoldCustomers(tx, sync.syncDeps, { customerIds: [id], now: new Date() }));
    await customers(snapshot({ version: 2n, segment: 'mass' }));
    const row = await rowOf('A');
    expect(row.profile.occupation).toBe('医生');
    expect(row.field_sources.occupation).toMatchObject({ source: 'manual', conflicting: true });
    expect(row.segment).toBe('mass');
  });

  it('folds all parties of a customer, whichever of them speaks', async () => {
    await customers(snapshot({}), snapshot({ sourceSystem: 'card', sourceId: 'K', segment: 'wealth' }, '张玮'));
    await sync.workers.query(
      'UPDATE customer.party SET customer_id = (SELECT customer_id FROM customer.party WHERE party_id = $1) WHERE party_id = $2',
      [party('A'), party('K', 'card')],
    );
    await customers(snapshot({ sourceSystem: 'card', sourceId: 'K', version: 2n, segment: 'sme' }, '张玮'));
    expect(await rowOf('A')).toMatchObject({ full_name: '张伟', segment: 'sme' });
    expect((await rowOf('A')).field_sources.full_name).toMatchObject({ source: 'core', conflicting: true });
  });

  it('is found by its new name and no longer by the old one', async () => {
    const tokens = async () => (await sync.workers.query('SELECT token FROM customer.name_token')).rows.map(({ token }) => token);
    await customers(snapshot({}));
    expect(await tokens()).toEqual(expect.arrayContaining(['张伟', 'zhangwei', 'zw']));
    await customers(snapshot({ version: 2n }, '李娜'));
    expect(await tokens()).toEqual(expect.arrayContaining(['李娜', 'lina', 'ln']));
    expect(await tokens()).not.toContain('张伟');
  });

  it('is written without the control characters that a mainframe leaves in texts, and flagged', async () => {
    const odd = '\u000e张\u0000伟\u000f';
    await units(['bj', 'BJ', '', 1n]);
    await customers(
      snapshot(
        {
          homeBranchCode: 'BJ\u0000\u0000',
          segment: 'mass\u0000',
          contacts: [{ kind: 3, value: '\u000ezhang@example.com\u000f', preferred: true }],
          addresses: [{ purpose: 'home\u0000', regionCode: '110105\u0000', line: '长安街\u0000', postalCode: '' }],
          kyc: { state: 1, riskRating: 'low\u0000', reviewDate: '', nextReviewDate: '', screeningHits: [] },
        },
        odd,
      ),
    );
    expect(await rowOf('A')).toMatchObject({
      full_name: '张伟',
      segment: 'mass',
      org_unit_id: unit('bj'),
      kyc: { risk_rating: 'low' },
      flags: ['CONTROL_CHARACTERS'],
    });
    const { rows } = await sync.workers.query(
      'SELECT value_id, kind, masked, sealed, region_code FROM customer.identifying_value',
    );
    const opened = rows.map(({ value_id, kind, masked, sealed, region_code }) => {
      const place = { table: 'customer.identifying_value', column: 'sealed', rowId: value_id };
      return [kind, masked, region_code, sync.fields.open(sealed, place).toString()];
    });
    expect(opened.sort()).toEqual([
      ['email', 'z***@example.com', null, 'zhang@example.com'],
      ['home', '北京市', '110105', '长安街'],
      ['resident-id', '***************02*', null, '11010519491231002X'],
    ]);
    await inTransaction(sync.workers, nobody, (tx) =>
      applyAccounts(
        tx,
        sync.syncDeps,
        [
          AccountSnapshot.fromPartial({
            sourceSystem: 'core',
            sourceId: 'K1',
            version: 1n,
            kind: 1,
            state: 1,
            currencyCode: 'CNY',
            productName: '\u000e活期\u000f',
            branchCode: 'BJ\u0000',
            holders: [{ customerSourceId: 'A', role: 1 }],
          }),
        ],
        new Date(),
      ),
    );
    await inTransaction(sync.workers, nobody, (tx) =>
      applyTransactions(tx, sync.syncDeps, sync.workers, [
        TransactionPosted.fromPartial({
          sourceSystem: 'core',
          transactionId: 'T1',
          accountSourceId: 'K1',
          customerSourceId: 'A',
          postTime: new Date('2026-04-01T00:00:00Z'),
          bookingDate: '2026-04-01',
          direction: 1,
          amount: { currencyCode: 'CNY', minorUnits: 1n },
          kind: 'transfer\u0000',
          channel: '\u000fmobile',
          counterpartyName: '\u000e李娜\u000f',
          counterpartyAccount: '\u00006217000010001234567',
          remark: '房租\u0000\n四月',
        }),
      ]),
    );
    const { rows: postings } = await sync.workers.query(
      'DELETE FROM customer.transaction RETURNING kind, channel, counterparty_name, counterparty_masked, remark',
    );
    expect(postings).toEqual([
      {
        kind: 'transfer',
        channel: 'mobile',
        counterparty_name: '李娜',
        counterparty_masked: '************4567',
        remark: '房租\n四月',
      },
    ]);
    const { rows: accounts } = await sync.workers.query('DELETE FROM customer.account RETURNING product_name, branch_code');
    expect(accounts).toEqual([{ product_name: '活期', branch_code: 'BJ' }]);
    await sync.workers.query('DELETE FROM customer.holder');
  });

  it('seals identifying values, drops those that are gone, and keeps the id of those that stay', async () => {
    const read = async () =>
      (
        await sync.workers.query(
          'SELECT value_id, kind, masked, sealed, blind_index FROM customer.identifying_value ORDER BY kind',
        )
      ).rows;
    const contacts = [
      { kind: 1 as const, value: '+86 138-0013-8000', preferred: true },
      { kind: 3 as const, value: 'zhang@example.com', preferred: false },
    ];
    await customers(snapshot({ contacts }));
    const before = await read();
    expect(before.map(({ kind, masked }) => [kind, masked])).toEqual([
      ['email', 'z***@example.com'],
      ['mobile', '138****8000'],
      ['resident-id', '***************02*'],
    ]);
    const [, mobile] = before;
    const place = { table: 'customer.identifying_value', column: 'sealed', rowId: mobile.value_id };
    expect(sync.fields.open(mobile.sealed, place).toString()).toBe('+86 138-0013-8000');
    expect(mobile.blind_index).toEqual(sync.syncDeps.index.of('phone', '13800138000'));
    await customers(snapshot({ version: 2n, contacts: contacts.slice(0, 1) }));
    expect(await read()).toEqual(before.slice(1));
  });

  describe('keeps values apart that are looked up by one number:', () => {
    const line = (extension: string, preferred = false) => ({ kind: 2 as const, value: `010-6000 0001${extension}`, preferred });
    const read = async () => {
      const { rows } = await sync.workers.query<{ value_id: string; sealed: Buffer; preferred: boolean }>(
        'SELECT value_id, sealed, preferred FROM customer.identifying_value',
      );
      return rows
        .map(({ value_id, sealed, preferred }) => {
          const place = { table: 'customer.identifying_value', column: 'sealed', rowId: value_id };
          return [sync.fields.open(sealed, place).toString(), preferred];
        })
        .sort();
    };

    it('extensions of one line', async () => {
      const give = (version: bigint, ...contacts: ReturnType<typeof line>[]) =>
        customers(snapshot({ version, identifiers: [], contacts }));
      await give(1n, line(' 转 801', true), line(' 转 802'));
      expect(await read()).toEqual([
        ['010-6000 0001 转 801', true],
        ['010-6000 0001 转 802', false],
      ]);
      await give(2n, line(' 转 803'));
      expect(await read()).toEqual([['010-6000 0001 转 803', false]]);
      await give(3n, line(''));
      expect(await read()).toEqual([['010-6000 0001', false]]);
      await give(4n, line('-804'));
      expect(await read()).toEqual([['010-6000 0001-804', false]]);
      await give(5n, { ...line(' 转 1'), kind: 1 as never });
      await give(6n, { ...line(''), kind: 1 as never });
      expect(await read()).toEqual([['010-6000 0001', false]]);
    });

    it('issues of a travel permit, and credit codes of one organisation', async () => {
      const give = (version: bigint, kind: 3 | 5, ...values: string[]) =>
        customers(snapshot({ version, identifiers: values.map((value) => ({ kind, value })) as never }));
      await give(1n, 3, 'H1234567801');
      await give(2n, 3, 'H1234567802');
      expect(await read()).toEqual([['H1234567802', false]]);
      // Of one organisation, before and after a move to another region (check characters by GB 32100-2015, 5).
      await give(3n, 5, creditCode('91110105', 'MA0000001'), creditCode('91310115', 'MA0000001'));
      expect((await read()).length).toBe(2);
    });

    it('but not two spellings of one, which is preferred where either is', async () => {
      const contacts = [line('', true), { ...line(''), value: '01060000001' }];
      await customers(snapshot({ identifiers: [], contacts }));
      expect((await read()).map(([, preferred]) => preferred)).toEqual([true]);
    });
  });

  it('replaces a value that no longer opens, and goes on', async () => {
    const addresses = [{ purpose: 'home', regionCode: '110105', line: '长安街一号', postalCode: '' }];
    await customers(snapshot({ identifiers: [], addresses }));
    await sync.workers.query('UPDATE customer.identifying_value SET sealed = set_byte(sealed, 40, get_byte(sealed, 40) # 1)');
    await customers(snapshot({ version: 2n, identifiers: [], addresses }));
    const { rows } = await sync.workers.query('SELECT value_id, sealed FROM customer.identifying_value');
    const place = { table: 'customer.identifying_value', column: 'sealed', rowId: rows[0].value_id };
    expect(rows.map(({ sealed }) => sync.fields.open(sealed, place).toString())).toEqual(['长安街一号']);
  });

  it('opens each stored address once, however many a party has', async () => {
    const addresses = Array.from({ length: 50 }, (_, at) => ({
      purpose: 'home',
      regionCode: '110105',
      line: `长安街${at}号`,
      postalCode: '',
    }));
    await customers(snapshot({ addresses }));
    let opened = 0;
    const fields: typeof sync.fields = {
      ...sync.fields,
      open(...given) {
        opened += 1;
        return sync.fields.open(...given);
      },
    };
    const again = snapshot({ version: 2n, addresses: addresses.toReversed() });
    await inTransaction(sync.workers, nobody, (tx) => applyCustomers(tx, { ...sync.syncDeps, fields }, [again], new Date()));
    expect(opened).toBe(50);
  });

  describe('gives a value an id that', () => {
    const addresses = [{ purpose: 'home', regionCode: '110105', line: '长安街一号', postalCode: '' }];
    const contacts = [{ kind: 1 as const, value: '13800138000', preferred: true }];
    const idsOf = async (): Promise<Record<string, string>> => {
      const { rows } = await sync.workers.query('SELECT kind, value_id FROM customer.identifying_value');
      return Object.fromEntries(rows.map(({ kind, value_id }) => [kind, value_id]));
    };

    it('says nothing of it: a value that comes back has another', async () => {
      await customers(snapshot({ contacts, addresses }));
      const first = await idsOf();
      await customers(snapshot({ version: 2n, identifiers: [] }));
      await customers(snapshot({ version: 3n, contacts, addresses }));
      const again = await idsOf();
      expect(Object.keys(again).sort()).toEqual(['home', 'mobile', 'resident-id']);
      for (const [kind, id] of Object.entries(first)) expect([kind, again[kind]]).not.toEqual([kind, id]);
    });

    it('stays while the rest changes, addresses included', async () => {
      await customers(snapshot({ contacts, addresses }));
      const first = await idsOf();
      const moved = [{ ...addresses[0]!, regionCode: '110101' }];
      await customers(snapshot({ version: 2n, contacts: [{ ...contacts[0]!, preferred: false }], addresses: moved }));
      expect(await idsOf()).toEqual(first);
    });

    it('stays while the keys of the index rotate, and the value is found by the new key', async () => {
      await customers(snapshot({ contacts, addresses }));
      const first = await idsOf();
      const next = Buffer.alloc(32, 7);
      const { index } = sync.keys;
      const rotated = blindIndex(
        keySet({ [index.currentVersion]: index.get(index.currentVersion).export(), [index.currentVersion + 1]: next }),
      );
      const deps = { ...sync.syncDeps, index: rotated };
      await inTransaction(sync.workers, nobody, (tx) =>
        applyCustomers(tx, deps, [snapshot({ version: 2n, contacts, addresses })], new Date()),
      );
      expect(await idsOf()).toEqual(first);
      const { rows } = await sync.workers.query(
        `SELECT blind_index, index_version, sealed FROM customer.identifying_value WHERE kind = 'mobile'`,
      );
      expect(rows).toMatchObject([{ blind_index: rotated.of('phone', '13800138000'), index_version: rotated.currentVersion }]);
      const place = { table: 'customer.identifying_value', column: 'sealed', rowId: first.mobile! };
      expect(sync.fields.open(rows[0].sealed, place).toString()).toBe('13800138000');
    });
  });
});

describe('a customer’s place in the bank', () => {
  it('is found by the code in the snapshot; an unknown one is flagged and found later, when the unit has come', async () => {
    await units(['hq', 'HQ', '', 1n], ['bj', 'BJ', 'hq', 2n]);
    await customers(snapshot({ homeBranchCode: 'BJ' }), snapshot({ sourceId: 'B', homeBranchCode: 'SH' }));
    expect(await rowOf('A')).toMatchObject({ org_unit_id: unit('bj'), flags: [] });
    expect(await rowOf('B')).toMatchObject({ org_unit_id: null, flags: ['UNKNOWN_BRANCH'] });
    await units(['sh', 'SH', 'hq', 3n]);
    await placeAll();
    expect(await rowOf('B')).toMatchObject({ org_unit_id: unit('sh'), flags: [], version: 2n });
  });

  it('stays when its unit was renamed and the core still writes the old code', async () => {
    await units(['bj', 'BJ', '', 1n]);
    await customers(snapshot({ homeBranchCode: 'BJ' }));
    await units(['bj', 'BJ-NEW', '', 2n]);
    await customers(snapshot({ homeBranchCode: 'BJ', version: 2n, segment: 'mass' }));
    expect(await rowOf('A')).toMatchObject({ org_unit_id: unit('bj'), segment: 'mass' });
  });

  it('has its relationship manager as soon as the directory knows the number', async () => {
    await customers(snapshot({ rmStaffNumber: '100001' }));
    expect(await rowOf('A')).toMatchObject({ rm_staff_id: null, flags: ['UNKNOWN_RM'] });
    const id = newId();
    staff.set('100001', id);
    await placeAll();
    expect(await rowOf('A')).toMatchObject({ rm_staff_id: id, flags: [] });
  });

  it('is found though the codes were stored with the blanks that had filled them up', async () => {
    await units(['bj', 'BJ', '', 1n]);
    const id = newId();
    staff.set('100001', id);
    await customers(snapshot({ homeBranchCode: 'BJ  ', rmStaffNumber: '100001  ' }));
    await sync.workers.query(`
      UPDATE customer.customer SET org_unit_id = NULL, home_org_unit_code = 'BJ  ', rm_staff_id = NULL, rm_staff_number = '100001  ',
        flags = '{UNKNOWN_BRANCH,UNKNOWN_RM}'`);
    await placeAll();
    expect(await rowOf('A')).toMatchObject({ org_unit_id: unit('bj'), home_org_unit_code: 'BJ', rm_staff_id: id, flags: [] });
  });

  it('restricted by the core, names the relationship manager of the time as participant and nobody else', async () => {
    const [first, second] = [newId(), newId()];
    staff.set('100001', first).set('100002', second);
    const participants = async () => (await sync.workers.query('SELECT staff_id, source FROM customer.participant')).rows;
    await customers(snapshot({ restricted: true, rmStaffNumber: '100001' }));
    expect(await rowOf('A')).toMatchObject({ restricted: true });
    expect(await participants()).toEqual([{ staff_id: first, source: 'core' }]);
    await customers(snapshot({ version: 2n, restricted: true, rmStaffNumber: '100002' }));
    expect(await participants()).toEqual([{ staff_id: second, source: 'core' }]);
    await customers(snapshot({ version: 3n, restricted: false, rmStaffNumber: '100002' }));
    expect(await participants()).toEqual([]);
  });

  it('keeps as participant whom the core names, also where a person had named them until a day', async () => {
    const manager = newId();
    staff.set('100001', manager);
    await customers(snapshot({ restricted: true }));
    const { customer_id: id } = await rowOf('A');
    await sync.workers.query(
      `INSERT INTO customer.participant (customer_id, staff_id, reason, source, expire_time) VALUES ($1, $2, 'for a day', 'manual', now())`,
      [id, manager],
    );
    await customers(snapshot({ version: 2n, restricted: true, rmStaffNumber: '100001' }));
    const { rows } = await sync.workers.query('SELECT staff_id, source, reason, expire_time FROM customer.participant');
    expect(rows).toEqual([{ staff_id: manager, source: 'core', reason: 'RELATIONSHIP_MANAGER', expire_time: null }]);
  });

  it('a restriction by people outlives every sync', async () => {
    await customers(snapshot({}));
    const { customer_id: id } = await rowOf('A');
    await sync.workers.query(`INSERT INTO customer.supplement VALUES ($1, 'restricted', 'true', $2, now())`, [id, newId()]);
    await sync.workers.query('UPDATE customer.customer SET restricted = true WHERE customer_id = $1', [id]);
    await customers(snapshot({ version: 2n, segment: 'mass' }));
    expect(await rowOf('A')).toMatchObject({ restricted: true, segment: 'mass' });
  });
});

describe('the org tree', () => {
  const closure = async () =>
    new Set(
      (await sync.workers.query('SELECT ancestor_id, descendant_id FROM customer.org_unit_closure')).rows.map(
        ({ ancestor_id, descendant_id }) => `${ancestor_id} ${descendant_id}`,
      ),
    );
  const pairs = (...given: [string, string][]) => new Set(given.map(([above, below]) => `${unit(above)} ${unit(below)}`));

  it('gives each unit all that stand above it, moves a subtree, and ignores an older state', async () => {
    await units(['c', 'C', 'b', 3n], ['a', 'A', '', 1n], ['b', 'B', 'a', 2n], ['d', 'D', 'a', 4n]);
    const self: [string, string][] = ['a', 'b', 'c', 'd'].map((id) => [id, id]);
    expect(await closure()).toEqual(pairs(...self, ['a', 'b'], ['a', 'c'], ['b', 'c'], ['a', 'd']));
    await units(['b', 'B', 'd', 5n]);
    await units(['b', 'B', 'a', 2n]);
    expect(await closure()).toEqual(pairs(...self, ['a', 'b'], ['a', 'c'], ['b', 'c'], ['a', 'd'], ['d', 'b'], ['d', 'c']));
  });

  it('bears a code that passes from one unit to another in the wrong order, and half a move that makes a circle', async () => {
    await units(['a', 'X', '', 1n]);
    await units(['b', 'X', '', 3n]);
    await customers(snapshot({ homeBranchCode: 'X' }));
    expect(await rowOf('A')).toMatchObject({ org_unit_id: unit('b') });
    await units(['a', 'Y', 'b', 2n], ['b', 'X', 'a', 4n]);
    expect(await closure()).toEqual(pairs(['a', 'a'], ['b', 'b'], ['a', 'b'], ['b', 'a']));
  });
});

it('the newest panel of a customer is kept, whatever the order', async () => {
  const id = newId();
  const panel = (sequence: bigint) => CustomerPanel.fromPartial({ customer: `customers/${id}`, panel: 'tickets', sequence });
  await inTransaction(sync.workers, nobody, (tx) => applyPanels(tx, [panel(2n), panel(3n), panel(1n)]));
  await inTransaction(sync.workers, nobody, (tx) => applyPanels(tx, [panel(2n)]));
  const { rows } = await sync.workers.query('SELECT customer_id, panel, sequence FROM customer.panel');
  expect(rows).toEqual([{ customer_id: id, panel: 'tickets', sequence: 3n }]);
});
