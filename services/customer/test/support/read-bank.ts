import { deriveId } from '@bankcrm/kernel';
import { AccountSnapshot } from '@bankcrm/proto/gen/corebanking/v1/accounts.ts';
import { CustomerSnapshot } from '@bankcrm/proto/gen/corebanking/v1/customers.ts';
import { RateQuoted } from '@bankcrm/proto/gen/corebanking/v1/rates.ts';
import { TransactionPosted } from '@bankcrm/proto/gen/corebanking/v1/transactions.ts';
import { type ReadBench, staff, staffIdOf } from './reading.ts';

/** Identifying values of these customers: each must be found in no place where it stands in the clear. */
export const secrets = {
  zhangId: '11010519491231002X',
  zhangMobile: '13800138000',
  zhangEmail: 'zhang.wei@example.com',
  zhangAddress: '建国路八十八号三单元',
  zhangAccount: '6222020200112233445',
  zhangCard: '6225880011223344',
  shanMobile: '13911112222',
  restrictedId: '110101199003074514',
  restrictedMobile: '13666667777',
  restrictedAccount: '6222020299998888777',
  orgCode: '91110105MA01ABCD2E',
  orgAccount: '6222020266665555444',
  restrictedSigned: '6222020233332222111',
} as const;

const individual = (
  sourceId: string,
  fullName: string,
  rest: {
    rm?: string;
    branch: string;
    birthDate?: string;
    mobile?: string;
    id?: string;
    restricted?: boolean;
    state?: 1 | 2 | 3;
  },
) =>
  CustomerSnapshot.fromPartial({
    sourceSystem: 'core',
    sourceId,
    version: 1n,
    updateTime: new Date('2026-05-01T08:00:00Z'),
    state: rest.state ?? 1,
    profile: {
      $case: 'individual',
      value: {
        fullName,
        gender: 2,
        birthDate: rest.birthDate ?? '1980-06-15',
        occupation: 'engineer',
        annualIncome: { currencyCode: 'CNY', minorUnits: 36_000_000n },
      },
    },
    identifiers: rest.id ? [{ kind: 1, value: rest.id, issuingCountryCode: 'CN', expireDate: '2027-01-15' }] : [],
    contacts: rest.mobile ? [{ kind: 1, value: rest.mobile, preferred: true }] : [],
    homeBranchCode: rest.branch,
    segment: 'mass',
    rmStaffNumber: rest.rm ?? '',
    restricted: rest.restricted ?? false,
    openDate: '2015-03-01',
    closeDate: rest.state === 3 ? '2025-01-01' : '',
  });

/** Numbers in core banking of the customers, by what they are for. */
export const who = {
  /** 张伟: managed by `rm`, Chaoyang. */
  zhang: 'C1',
  /** 单雄信: managed by `rm`, Chaoyang; `otherRm` collaborates. */
  shan: 'C2',
  /** 曾国藩: managed by `otherRm`, Pudong. */
  zeng: 'C3',
  /** Restricted by core banking, its relationship manager `rm`, Chaoyang. */
  restricted: 'C4',
  /** 北京星河科技有限公司: managed by `otherRm`, Pudong. */
  org: 'C5',
  /** Closed, managed by `rm`. */
  closed: 'C6',
  /** 买买提·吐尔逊: in the public pool, Beijing. */
  pool: 'C7',
  /** 张薇: managed by `otherRm`, Pudong; born on 29 February. */
  leap: 'C8',
  /** 李𬀩: managed by `rm`; its branch is unknown to the directory. */
  rare: 'C9',
  /** 解晓东: served by `teller` 10 days ago, by `otherTeller` 100 days ago; Pudong, nobody's. */
  served: 'C10',
  /** Known only as a joint holder. */
  mentioned: 'C99',
} as const;

export const accountId = (sourceId: string): string => deriveId('account', 'core', sourceId);

const account = (sourceId: string, holder: string, rest: Partial<AccountSnapshot>) =>
  AccountSnapshot.fromPartial({
    sourceSystem: 'core',
    sourceId,
    version: 1n,
    updateTime: new Date('2026-05-01T08:00:00Z'),
    kind: 1,
    state: 1,
    currencyCode: 'CNY',
    holders: [{ customerSourceId: holder, role: 1 }],
    openDate: '2020-01-01',
    ...rest,
  } as AccountSnapshot);

const cny = (minorUnits: bigint) => ({ currencyCode: 'CNY', minorUnits });

/** Sixty postings on A1, five on the joint A5, one a minute, newest last; and newer ones on the accounts of others that 张伟 and 单雄信 sign for. */
const transactions = (): TransactionPosted[] => {
  const posted = (accountSourceId: string, sequence: number, customerSourceId: string = who.zhang): TransactionPosted =>
    TransactionPosted.fromPartial({
      sourceSystem: 'core',
      transactionId: `${accountSourceId}-${sequence}`,
      accountSourceId,
      customerSourceId,
      sequence: BigInt(sequence),
      postTime: new Date(Date.UTC(2026, 3, 1, 8, sequence)),
      bookingDate: sequence <= 30 ? '2026-04-01' : '2026-04-02',
      direction: sequence % 2 === 0 ? 1 : 2,
      amount: cny(BigInt(sequence) * 100n),
      balanceAfter: cny(1_000_000n + BigInt(sequence)),
      kind: sequence % 3 === 0 ? 'salary' : 'transfer',
      channel: 'mobile',
      counterpartyName: '某某公司',
      counterpartyAccount: '6217000010001234567',
    });
  return [
    ...Array.from({ length: 60 }, (_, index) => posted('A1', index + 1)),
    ...Array.from({ length: 5 }, (_, index) => posted('A5', index + 1)),
    ...Array.from({ length: 3 }, (_, index) => posted('A8', 61 + index, who.org)),
    ...Array.from({ length: 3 }, (_, index) => posted('A10', 61 + index, who.restricted)),
  ];
};

/** Fills a bank small enough to know by heart. */
export async function fillBank(bench: ReadBench): Promise<void> {
  const zhang = individual(who.zhang, '张伟', {
    rm: staff.rm,
    branch: 'BJ-CY',
    id: secrets.zhangId,
    mobile: secrets.zhangMobile,
    birthDate: '1949-12-31',
  });
  await bench.give(
    'customer',
    {
      ...zhang,
      contacts: [...zhang.contacts, { kind: 3, value: secrets.zhangEmail, preferred: false }],
      addresses: [{ purpose: 'home', regionCode: '110105', line: secrets.zhangAddress, postalCode: '100022' }],
    },
    individual(who.shan, '单雄信', { rm: staff.rm, branch: 'BJ-CY', mobile: secrets.shanMobile }),
    individual(who.zeng, '曾国藩', { rm: staff.otherRm, branch: 'SH-PD' }),
    individual(who.restricted, '王石', {
      rm: staff.rm,
      branch: 'BJ-CY',
      id: secrets.restrictedId,
      mobile: secrets.restrictedMobile,
      restricted: true,
    }),
    CustomerSnapshot.fromPartial({
      sourceSystem: 'core',
      sourceId: who.org,
      version: 1n,
      state: 1,
      profile: {
        $case: 'organisation',
        value: { fullName: '北京星河科技有限公司', shortName: '星河科技', registeredCapital: cny(1_000_000_000n) },
      },
      identifiers: [{ kind: 5, value: secrets.orgCode }],
      homeBranchCode: 'SH-PD',
      rmStaffNumber: staff.otherRm,
    }),
    individual(who.closed, '赵敏', { rm: staff.rm, branch: 'BJ-CY', state: 3 }),
    individual(who.pool, '买买提·吐尔逊', { branch: 'BJ' }),
    individual(who.leap, '张薇', { rm: staff.otherRm, branch: 'SH-PD', birthDate: '2000-02-29' }),
    individual(who.rare, '李𬀩', { rm: staff.rm, branch: 'NOWHERE' }),
    individual(who.served, '解晓东', { branch: 'SH-PD' }),
  );
  await bench.give(
    'rate',
    RateQuoted.fromPartial({
      sourceSystem: 'core',
      baseCurrencyCode: 'USD',
      quoteCurrencyCode: 'CNY',
      rateDate: '2026-01-05',
      rate: '7.1',
      version: 1n,
    }),
    RateQuoted.fromPartial({
      sourceSystem: 'core',
      baseCurrencyCode: 'USD',
      quoteCurrencyCode: 'CNY',
      rateDate: '2026-06-01',
      rate: '7.1234',
      version: 1n,
    }),
    // Of a day that has not come.
    RateQuoted.fromPartial({
      sourceSystem: 'core',
      baseCurrencyCode: 'USD',
      quoteCurrencyCode: 'CNY',
      rateDate: '2099-01-01',
      rate: '9',
      version: 1n,
    }),
  );
  await bench.give(
    'account',
    account('A1', who.zhang, {
      number: secrets.zhangAccount,
      balance: cny(1_000_060n),
      availableBalance: cny(900_000n),
      frozen: true,
    }),
    account('A2', who.zhang, {
      kind: 2,
      currencyCode: 'USD',
      balance: { currencyCode: 'USD', minorUnits: 10_005n },
      maturityDate: '2026-12-24',
    }),
    account('A3', who.zhang, { kind: 3, balance: cny(500_000n), dormant: true }),
    account('A4', who.zhang, {
      kind: 5,
      balance: cny(300_000n),
      principal: cny(800_000n),
      annualRateMicros: 38_500n,
      daysPastDue: 3,
    }),
    account('A5', who.zhang, {
      number: '6222020288887777666',
      balance: cny(200_000n),
      holders: [
        { customerSourceId: who.zhang, role: 2 },
        { customerSourceId: who.shan, role: 1 },
        { customerSourceId: who.restricted, role: 2 },
        { customerSourceId: who.mentioned, role: 3 },
      ],
    }),
    account('A6', who.zhang, { kind: 7, number: secrets.zhangCard, linkedAccountSourceId: 'A1' }),
    account('A7', who.zhang, { kind: 1, currencyCode: 'JPY', balance: { currencyCode: 'JPY', minorUnits: 7_000n } }),
    account('A8', who.org, {
      number: secrets.orgAccount,
      productName: '单位活期存款',
      balance: cny(99_000_000n),
      holders: [
        { customerSourceId: who.org, role: 1 },
        { customerSourceId: who.zhang, role: 3 },
      ],
    }),
    account('A9', who.restricted, { number: secrets.restrictedAccount, balance: cny(5_000_000_000n) }),
    account('A10', who.restricted, {
      number: secrets.restrictedSigned,
      balance: cny(7_000_000n),
      holders: [
        { customerSourceId: who.restricted, role: 1 },
        { customerSourceId: who.shan, role: 3 },
      ],
    }),
  );
  await bench.give('transaction', ...transactions());
  const collaboratedOn = await bench.customerOf(who.shan);
  const servedOne = await bench.customerOf(who.served);
  await bench.workers.query('INSERT INTO customer.collaborator (customer_id, staff_id) VALUES ($1, $2)', [
    collaboratedOn,
    staffIdOf('otherRm'),
  ]);
  await bench.workers.query(
    `INSERT INTO customer.service_access (customer_id, staff_id, served_time)
     VALUES ($1, $2, now() - interval '10 days'), ($1, $3, now() - interval '100 days')`,
    [servedOne, staffIdOf('teller'), staffIdOf('otherTeller')],
  );
}
