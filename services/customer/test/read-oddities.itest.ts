import {
  type Customer,
  CustomersService,
  type Holding,
  type Transaction,
} from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';
import { AccountSnapshot } from '@bankcrm/proto/gen/corebanking/v1/accounts.ts';
import { CustomerSnapshot, type Individual } from '@bankcrm/proto/gen/corebanking/v1/customers.ts';
import { TransactionPosted } from '@bankcrm/proto/gen/corebanking/v1/transactions.ts';
import type { BankMessage } from '@bankcrm/simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openReads, type ReadBench, staff, staffName } from './support/reading.ts';

let bench: ReadBench;
beforeAll(async () => {
  bench = await openReads();
});
afterAll(() => bench?.closeAll());

let count = 0;
function newId(kind: string): string {
  count += 1;
  return `${kind}-${count}`;
}

const message = (topic: string, key: string, type: string, bytes: Uint8Array): BankMessage => ({
  topic,
  key,
  value: Buffer.from(bytes),
  headers: {
    ce_specversion: '1.0',
    ce_id: newId('event'),
    ce_source: '/corebanking/core',
    ce_type: type,
    'content-type': 'application/protobuf',
  },
});
type Changes<T> = Partial<Omit<T, 'profile'>>;

/** Whether the core's messages were all applied, read from their bytes as from Kafka. */
const taken = async (...messages: BankMessage[]): Promise<void> => expect(await bench.take(messages)).toEqual([]);

const customerMessage = (
  sourceId: string,
  individual: Partial<Individual>,
  changes: Changes<CustomerSnapshot> = {},
): BankMessage => {
  const snapshot = CustomerSnapshot.fromPartial({
    sourceSystem: 'core',
    sourceId,
    version: 1n,
    state: 1,
    homeBranchCode: 'BJ-CY',
    rmStaffNumber: staff.rm,
    profile: { $case: 'individual', value: { fullName: '李某', birthDate: '1990-01-01', ...individual } },
    identifiers: [{ kind: 2, value: 'E12345678' }],
    ...changes,
  } as CustomerSnapshot);
  return message(
    'corebanking.customers.v1',
    sourceId,
    'corebanking.customer-snapshot.v1',
    CustomerSnapshot.encode(snapshot).finish(),
  );
};
const nameOf = async (sourceId: string): Promise<string> => `customers/${await bench.customerOf(sourceId)}`;
const customerOf = async (sourceId: string): Promise<Customer> =>
  bench.as('rm', CustomersService.getCustomer, { name: await nameOf(sourceId) });

/** A customer of the core, as the relationship manager reads him. */
async function read(individual: Partial<Individual>, changes: Changes<CustomerSnapshot> = {}): Promise<Customer> {
  const sourceId = newId('C');
  await taken(customerMessage(sourceId, individual, changes));
  return customerOf(sourceId);
}

const accountMessage = (changes: Partial<AccountSnapshot> & { sourceId: string; holder: string }): BankMessage => {
  const snapshot = AccountSnapshot.fromPartial({
    sourceSystem: 'core',
    version: 1n,
    kind: 1,
    state: 1,
    number: '6222020200112233445',
    productName: '活期',
    currencyCode: 'CNY',
    balance: { currencyCode: 'CNY', minorUnits: 10_050n },
    holders: [{ customerSourceId: changes.holder, role: 1 }],
    ...changes,
  });
  return message(
    'corebanking.accounts.v1',
    changes.holder,
    'corebanking.account-snapshot.v1',
    AccountSnapshot.encode(snapshot).finish(),
  );
};
async function readHolding(changes: Partial<AccountSnapshot>): Promise<Holding> {
  const [holder, sourceId] = [newId('C'), newId('A')];
  await taken(customerMessage(holder, {}), accountMessage({ ...changes, sourceId, holder }));
  const { holdings } = await bench.as('rm', CustomersService.viewCustomer360, { name: await nameOf(holder) });
  expect(holdings.length).toBe(1);
  return holdings[0]!;
}

const postingMessage = (holder: string, changes: Partial<TransactionPosted>): BankMessage => {
  const posted = TransactionPosted.fromPartial({
    sourceSystem: 'core',
    transactionId: newId('T'),
    accountSourceId: `account of ${holder}`,
    customerSourceId: holder,
    postTime: new Date('2026-11-01T08:00:00Z'),
    bookingDate: '2026-11-01',
    direction: 1,
    amount: { currencyCode: 'CNY', minorUnits: 100n },
    ...changes,
  });
  return message(
    'corebanking.transactions.v1',
    holder,
    'corebanking.transaction-posted.v1',
    TransactionPosted.encode(posted).finish(),
  );
};
async function readPosting(changes: Partial<TransactionPosted>, filter = ''): Promise<Transaction[]> {
  const holder = newId('C');
  await taken(customerMessage(holder, {}), postingMessage(holder, changes));
  const parent = await nameOf(holder);
  return (await bench.as('rm', CustomersService.listTransactions, { parent, pageSize: 10, pageToken: '', filter })).transactions;
}

describe('an impossible date', () => {
  it.each(['1999-02-29', '0000-00-00', '1990-13-01', '19990229', 'unknown'])(
    '(%s) leaves its field empty and flags the customer',
    async (date) => {
      const odd = await read(
        { birthDate: date, occupation: '教师' },
        { identifiers: [{ kind: 2, value: 'E12345678', issuingCountryCode: '', expireDate: date }] },
      );
      expect(odd).toMatchObject({ fullName: '李某', flags: ['DATE_INVALID'], individual: { birthDate: '', occupation: '教师' } });
      expect(odd.identifiers).toMatchObject([{ kind: 'passport', expireDate: '' }]);
    },
  );

  it('of opening, closing, review or a screening hit loses nothing else', async () => {
    const hit = { list: 'pep', reference: 'R1', state: 'open', hitTime: new Date('0001-01-01T00:00:00Z') };
    const kyc = {
      state: 1 as const,
      riskRating: 'low',
      reviewDate: '2026-02-30',
      nextReviewDate: '2027-02-29',
      screeningHits: [hit],
    };
    const odd = await read({}, { openDate: '2020-00-01', closeDate: '2026-99-99', kyc });
    expect(odd).toMatchObject({ openDate: '', closeDate: '', flags: ['DATE_INVALID'], rm: staffName('rm') });
    expect(odd.kyc).toMatchObject({ state: 'complete', riskRating: 'low', reviewDate: '', nextReviewDate: '' });
    expect(odd.kyc?.screeningHits).toMatchObject([{ list: 'pep', reference: 'R1', hitTime: undefined }]);
  });

  it('is gone with the next good snapshot, and so is the flag', async () => {
    const sourceId = newId('C');
    await taken(
      customerMessage(sourceId, { birthDate: '1999-02-29' }),
      customerMessage(sourceId, { birthDate: '1999-02-28' }, { version: 2n }),
    );
    expect(await customerOf(sourceId)).toMatchObject({ flags: [], individual: { birthDate: '1999-02-28' } });
  });

  it.each([
    '1990-01-01 ',
    ' 1990-01-01',
    '1990/1/1',
    '1990.01.01',
    '19900101',
    '１９９０－０１－０１',
    '1990年1月1日',
    '1990-01-01 00:00:00',
  ])('is not one that is only written otherwise: %j', async (birthDate) =>
    expect(await read({ birthDate })).toMatchObject({ flags: [], individual: { birthDate: '1990-01-01' } }),
  );

  it('of an account flags the holding, which has its balance', async () => {
    const odd = await readHolding({ openDate: '2026-02-30', maturityDate: '0000-00-00' });
    expect(odd).toMatchObject({
      openDate: '',
      maturityDate: '',
      balance: { units: 100n, nanos: 500_000_000 },
      flags: ['DATE_INVALID'],
    });
  });
});

describe('a birthday', () => {
  it.each(['2090-01-01', '1899-12-31', '0001-01-01'])(
    'does not come for somebody born on %s, who is flagged',
    async (birthDate) => {
      const sourceId = newId('C');
      await taken(customerMessage(sourceId, { fullName: `生于·${sourceId}`, birthDate }));
      expect(await customerOf(sourceId)).toMatchObject({ flags: ['BIRTH_DATE_IMPLAUSIBLE'], individual: { birthDate } });
      const { customers } = await bench.as('rm', CustomersService.listCustomers, {
        filter: '',
        orderBy: 'full_name',
        pageSize: 100,
        pageToken: '',
      });
      expect(customers.find(({ primaryNumber }) => primaryNumber === sourceId)).toMatchObject({ nextBirthday: '' });
    },
  );
});

it('dates that contradict one another are shown and flagged', async () => {
  expect(await read({}, { openDate: '2020-05-05', closeDate: '2020-05-04' })).toMatchObject({
    openDate: '2020-05-05',
    flags: ['DATE_IMPLAUSIBLE'],
  });
  expect(await read({}, { openDate: '2020-05-05', closeDate: '2020-05-05' })).toMatchObject({ flags: [] });
  expect(await readHolding({ openDate: '2026-01-01', maturityDate: '2025-01-01' })).toMatchObject({
    maturityDate: '2025-01-01',
    flags: ['DATE_IMPLAUSIBLE'],
  });
});

describe('a code that a fixed-width system has filled up', () => {
  it('places the customer with the branch and the relationship manager', async () => {
    for (const [homeBranchCode, rmStaffNumber] of [
      ['BJ-CY     ', '100001    '],
      ['ＢＪ－ＣＹ', '１００００１'],
      ['bj-cy', '\u3000100001\u0000'],
    ] as const) {
      const { homeOrgUnitCode, rm, flags } = await read({}, { homeBranchCode, rmStaffNumber });
      expect({ homeOrgUnitCode, rm }).toEqual({ homeOrgUnitCode: 'BJ-CY', rm: staffName('rm') });
      expect(flags).not.toContain('UNKNOWN_BRANCH');
    }
  });

  it('makes no second segment, country, region or preference, and a person’s filter means the same one', async () => {
    const sourceId = newId('C');
    await taken(
      customerMessage(
        sourceId,
        { nationalityCode: 'cn ', riskPreference: 'ｒ3', regionCode: '110105  ' },
        { segment: 'Mass  ', kyc: { state: 1, riskRating: 'LOW ', reviewDate: '', nextReviewDate: '', screeningHits: [] } },
      ),
    );
    expect(await customerOf(sourceId)).toMatchObject({
      segment: 'mass',
      individual: { nationalityCode: 'CN', riskPreference: 'R3', regionCode: '110105' },
      kyc: { riskRating: 'low' },
      flags: [],
    });
    for (const filter of [
      'segment = "mass"',
      'segment = "Mass "',
      'home_org_unit_code = "bj-cy " AND segment = "MASS" AND rm = " 100001"',
    ]) {
      const { customers } = await bench.as('rm', CustomersService.listCustomers, {
        filter,
        orderBy: '',
        pageSize: 100,
        pageToken: '',
      });
      expect(customers.map(({ primaryNumber }) => primaryNumber)).toEqual([sourceId]);
    }
  });

  it('stored as its source wrote it is found as before', async () => {
    const sourceId = newId('C');
    await taken(customerMessage(sourceId, {}, { segment: 'mass' }));
    await bench.workers.query(
      `UPDATE customer.customer SET segment = 'MASS'
       WHERE customer_id = (SELECT customer_id FROM customer.party WHERE source_id = $1)`,
      [sourceId],
    );
    const { customers } = await bench.as('rm', CustomersService.listCustomers, {
      filter: 'segment = "MASS"',
      orderBy: '',
      pageSize: 100,
      pageToken: '',
    });
    expect(customers.map(({ primaryNumber }) => primaryNumber)).toContain(sourceId);

    const holder = newId('C');
    await taken(customerMessage(holder, {}), postingMessage(holder, {}));
    await bench.workers.query(
      `UPDATE customer.transaction SET kind = 'Salary', channel = 'ＡＴＭ'
       FROM customer.party WHERE party.party_id = transaction.party_id AND party.source_id = $1`,
      [holder],
    );
    const found = async (filter: string) =>
      (
        await bench.as('rm', CustomersService.listTransactions, {
          parent: await nameOf(holder),
          pageSize: 10,
          pageToken: '',
          filter,
        })
      ).transactions.length;
    expect(await found('kind = "Salary" AND channel = "ATM"')).toBe(1);
    expect(await found('kind = "salary" AND channel = "ＡＴＭ"')).toBe(1);
    expect(await found('kind = "transfer"')).toBe(0);
  });

  it('of a posting is found by its kind and channel', async () => {
    for (const filter of [
      'kind = "salary"',
      'kind = "Salary"',
      'channel = "batch"',
      'channel = "BATCH " AND currency_code = "cny"',
    ])
      expect(await readPosting({ kind: 'Salary ', channel: 'Batch     ' }, filter)).toMatchObject([
        { kind: 'salary', channel: 'batch' },
      ]);
  });

  it('of an account or a currency is the code', async () => {
    const shown = await readHolding({
      productCode: 'ＣＡ01  ',
      branchCode: 'bj-cy  ',
      currencyCode: 'cny',
      balance: { currencyCode: 'CNY ', minorUnits: 10_050n },
    });
    expect(shown).toMatchObject({
      productCode: 'CA01',
      branchCode: 'BJ-CY',
      currencyCode: 'CNY',
      balance: { currencyCode: 'CNY', units: 100n },
      flags: [],
    });
  });
});

describe('a text', () => {
  it.each([
    ['  李某 \n', '李某'],
    ['田\u200b野', '田野'],
    ['\ufeff张\u3000\u3000伟', '张 伟'],
    ['\u202eZhang\u202c   Wei\u00ad', 'Zhang Wei'],
  ])('sent as %j is shown as %j, in every place where one is shown', async (sent, shown) => {
    const customer = await read({ fullName: sent, occupation: sent, employer: sent });
    expect(customer).toMatchObject({ fullName: shown, individual: { occupation: shown, employer: shown } });
    expect((await readHolding({ productName: sent })).productName).toBe(shown);
    expect(await readPosting({ counterpartyName: sent, remark: sent })).toMatchObject([
      { counterpartyName: shown, remark: shown },
    ]);
  });

  it('longer than the contract allows is cut and flagged, between the characters that people see', async () => {
    const family = '👨‍👩‍👧';
    const long = await read({
      fullName: '测'.repeat(201),
      employer: `${'长'.repeat(998)}${family}`,
      occupation: '𠮷'.repeat(1_000),
    });
    expect(long).toMatchObject({ fullName: '测'.repeat(200), flags: ['TEXT_CUT'] });
    expect(long.individual).toMatchObject({ employer: '长'.repeat(998), occupation: '𠮷'.repeat(1_000) });
    expect(await readHolding({ productName: '活'.repeat(201) })).toMatchObject({
      productName: '活'.repeat(200),
      flags: ['TEXT_CUT'],
    });
    expect(
      await readPosting({ remark: '租'.repeat(1_001), counterpartyName: '测'.repeat(500), kind: 'k'.repeat(40) }),
    ).toMatchObject([{ remark: '租'.repeat(1_000), counterpartyName: '测'.repeat(200), kind: 'k'.repeat(32) }]);
  });

  it('by which something is found is left out whole, with a flag, and the rest is taken', async () => {
    const passport = { kind: 2 as const, value: 'E12345678', issuingCountryCode: 'CN', expireDate: '' };
    const contact = { kind: 1 as const, value: '13800138000', preferred: true };
    const odd = await read(
      {},
      {
        identifiers: [{ ...passport, value: '9'.repeat(201) }, passport],
        contacts: [contact, { ...contact, value: '1'.repeat(321) }],
        homeBranchCode: `BJ-CY${'X'.repeat(60)}`,
      },
    );
    // Without a branch the customer is still the relationship manager's.
    expect(odd).toMatchObject({
      homeOrgUnitCode: '',
      flags: ['VALUE_LEFT_OUT'],
      identifiers: [{ masked: '******678' }],
      contacts: [{ masked: '138****8000' }],
    });
    expect(await readHolding({ number: '6'.repeat(65) })).toMatchObject({
      maskedNumber: '',
      flags: ['VALUE_LEFT_OUT'],
      balance: { units: 100n },
    });
    expect(await readPosting({ counterpartyAccount: '6'.repeat(65), remark: '房租' })).toMatchObject([
      { counterpartyMaskedAccount: '', remark: '房租' },
    ]);
  });
});

describe('what the contract does not know', () => {
  it('of gender, KYC or the kind of an identifier or contact is flagged and costs nothing else', async () => {
    const odd = await read(
      { gender: 9 as Individual['gender'] },
      {
        identifiers: [{ kind: 99 as 1, value: 'E12345678', issuingCountryCode: '', expireDate: '' }],
        contacts: [
          { kind: 0 as 1, value: '13800138000', preferred: false },
          { kind: 42 as 1, value: 'li@example.com', preferred: false },
        ],
        kyc: { state: 77 as 1, riskRating: 'high', reviewDate: '', nextReviewDate: '', screeningHits: [] },
      },
    );
    expect(odd).toMatchObject({ individual: { gender: '' }, kyc: { state: '', riskRating: 'high' }, flags: ['UNKNOWN_CODE'] });
    expect(odd.identifiers.map(({ kind, masked }) => [kind, masked])).toEqual([['other', '******678']]);
    expect(odd.contacts.map(({ kind, masked }) => [kind, masked]).sort()).toEqual([
      ['email', 'l***@example.com'],
      ['phone', '138****8000'],
    ]);
  });

  it('of an income’s currency leaves the income out', async () => {
    const odd = await read({ annualIncome: { currencyCode: 'RMB', minorUnits: 5n }, occupation: '教师' });
    expect(odd).toMatchObject({ flags: ['AMOUNT_INVALID'], individual: { annualIncome: undefined, occupation: '教师' } });
    expect((await read({ annualIncome: { currencyCode: 'usd ', minorUnits: 500n } })).individual?.annualIncome).toMatchObject({
      currencyCode: 'USD',
      units: 5n,
    });
  });

  it('of more contacts than a snapshot may have takes as many as it may', async () => {
    const contacts = Array.from({ length: 201 }, (_, at) => ({
      kind: 1 as const,
      value: `138${String(at).padStart(8, '0')}`,
      preferred: false,
    }));
    const odd = await read({}, { contacts });
    expect(odd.flags).toEqual(['VALUE_LEFT_OUT']);
    expect(odd.contacts.length).toBe(200);
  });

  it('of what a message is, whose it is and what is counted is refused', async () => {
    const letters = await bench.take([
      customerMessage(newId('C'), {}, { state: 9 as 1 }),
      customerMessage('', {}),
      customerMessage(newId('C'), {}, { version: 0n }),
      accountMessage({ sourceId: newId('A'), holder: newId('C'), balance: { currencyCode: 'RMB', minorUnits: 1n } }),
      postingMessage(newId('C'), { bookingDate: '2026-02-30' }),
    ]);
    expect(letters).toEqual([
      { reason: 'UNKNOWN_ENUM', field: 'state' },
      expect.objectContaining({ reason: expect.stringMatching(/MISSING_KEY|INVALID_FIELD/) }),
      { reason: 'INVALID_FIELD', field: 'version' },
      { reason: 'WRONG_CURRENCY', field: 'balance.currency_code' },
      { reason: 'INVALID_FIELD', field: 'booking_date' },
    ]);
  });
});

it('a sealed snapshot keeps what was sent, also where it is folded anew from it', async () => {
  const sourceId = newId('C');
  await taken(customerMessage(sourceId, { fullName: '田\u200b野 ', birthDate: '1999-02-29' }));
  const name = await nameOf(sourceId);
  const { etag } = await customerOf(sourceId);
  await bench.as('rm', CustomersService.supplementCustomer, {
    name,
    etag,
    requestId: crypto.randomUUID(),
    values: [{ field: 'employer', value: '星河科技' }],
  });
  expect(await customerOf(sourceId)).toMatchObject({
    fullName: '田野',
    flags: ['CONTROL_CHARACTERS', 'DATE_INVALID'],
    individual: { birthDate: '', employer: '星河科技' },
  });
  const { rows } = await bench.workers.query(
    'SELECT party_id, content_sealed FROM customer.party JOIN customer.party_snapshot USING (party_id) WHERE source_id = $1',
    [sourceId],
  );
  const place = { table: 'customer.party_snapshot', column: 'content_sealed', rowId: rows[0].party_id };
  expect(CustomerSnapshot.decode(bench.fields.open(rows[0].content_sealed, place)).profile?.value.fullName).toBe('田\u200b野 ');
});
