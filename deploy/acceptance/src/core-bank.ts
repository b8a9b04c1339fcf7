import { randomInt } from 'node:crypto';
import { AccountKind, type AccountSnapshot, AccountState, HolderRole } from '@bankcrm/proto/gen/corebanking/v1/accounts.ts';
import {
  ContactKind,
  type CustomerSnapshot,
  CustomerState,
  Gender,
  IdentifierKind,
  KycState,
} from '@bankcrm/proto/gen/corebanking/v1/customers.ts';
import { Direction, type TransactionPosted } from '@bankcrm/proto/gen/corebanking/v1/transactions.ts';
import { type BankMessage, encode, type Format } from '@bankcrm/simulator';

/** Facts of the core about people whom no test but one knows. They live at GZ-TH, with a manager whose portfolio no test counts. */
export const branchOfOthers = 'GZ-TH';
export const managerOfOthers = '100019';

/** Never twice in a run, and recognisable wherever it turns up. */
export const uniqueDigits = (length: number): string =>
  Array.from({ length }, (_, index) => randomInt(index === 0 ? 1 : 0, 10)).join('');

/** An 18-digit ID number with its check character (GB 11643, ISO 7064 MOD 11-2). */
export function residentId(): string {
  const body = `440106${1950 + randomInt(50)}${String(1 + randomInt(12)).padStart(2, '0')}${String(1 + randomInt(28)).padStart(2, '0')}${uniqueDigits(3)}`;
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  const sum = weights.reduce((total, weight, index) => total + weight * Number(body[index]), 0);
  return body + '10X98765432'[sum % 11];
}

export const mobile = (): string => `139${uniqueDigits(8)}`;

/** A new private customer; what differs is laid over it. */
export function newCustomer(over: Partial<CustomerSnapshot> & { fullName?: string } = {}): CustomerSnapshot {
  const { fullName = '测试·新客户', ...rest } = over;
  const idNumber = residentId();
  return {
    sourceSystem: 'core',
    sourceId: `T${uniqueDigits(11)}`,
    version: 1n,
    updateTime: new Date(),
    repair: false,
    state: CustomerState.ACTIVE,
    profile: {
      $case: 'individual',
      value: {
        fullName,
        gender: Gender.FEMALE,
        birthDate: `${idNumber.slice(6, 10)}-${idNumber.slice(10, 12)}-${idNumber.slice(12, 14)}`,
        nationalityCode: 'CN',
        occupation: '教师',
        education: '',
        maritalState: '',
        employer: '',
        riskPreference: 'R2',
        annualIncome: undefined,
        regionCode: '440106',
        creditGrade: '',
        creditScore: 0,
      },
    },
    identifiers: [{ kind: IdentifierKind.RESIDENT_ID, value: idNumber, issuingCountryCode: 'CN', expireDate: '2035-01-01' }],
    contacts: [{ kind: ContactKind.MOBILE, value: mobile(), preferred: true }],
    addresses: [],
    homeBranchCode: branchOfOthers,
    segment: 'mass',
    rmStaffNumber: managerOfOthers,
    kyc: {
      state: KycState.COMPLETE,
      riskRating: 'low',
      reviewDate: '2026-01-05',
      nextReviewDate: '2029-01-05',
      screeningHits: [],
    },
    restricted: false,
    openDate: '2020-05-01',
    closeDate: '',
    ...rest,
  };
}

/** A current account of a customer. */
export function newAccount(holder: CustomerSnapshot, over: Partial<AccountSnapshot> = {}): AccountSnapshot {
  return {
    sourceSystem: holder.sourceSystem,
    sourceId: `${holder.sourceId}-01`,
    version: 1n,
    updateTime: new Date(),
    repair: false,
    kind: AccountKind.DEPOSIT,
    state: AccountState.ACTIVE,
    number: `6299${uniqueDigits(14)}`,
    productCode: 'D01',
    productName: '活期存款',
    currencyCode: 'CNY',
    balance: { currencyCode: 'CNY', minorUnits: 1_234_567n },
    availableBalance: { currencyCode: 'CNY', minorUnits: 1_234_567n },
    creditLimit: undefined,
    principal: undefined,
    annualRateMicros: 0n,
    openDate: '2020-05-01',
    maturityDate: '',
    closeDate: '',
    frozen: false,
    dormant: false,
    daysPastDue: 0,
    holders: [{ customerSourceId: holder.sourceId, role: HolderRole.OWNER }],
    branchCode: branchOfOthers,
    linkedAccountSourceId: '',
    limits: [],
    ...over,
  };
}

export function newTransaction(account: AccountSnapshot, over: Partial<TransactionPosted> = {}): TransactionPosted {
  return {
    sourceSystem: account.sourceSystem,
    transactionId: `${account.sourceId}-${uniqueDigits(12)}`,
    accountSourceId: account.sourceId,
    customerSourceId: account.holders[0]?.customerSourceId ?? '',
    sequence: 1n,
    postTime: new Date(),
    bookingDate: '2026-11-01',
    direction: Direction.CREDIT,
    amount: { currencyCode: account.currencyCode, minorUnits: 50_000n },
    balanceAfter: { currencyCode: account.currencyCode, minorUnits: 1_234_567n },
    kind: 'transfer',
    channel: 'mobile',
    counterpartyName: '',
    counterpartyAccount: '',
    remark: '',
    reversesTransactionId: '',
    ...over,
  };
}

/** Facts as the core would send them, each with an id of its own. */
export const customerMessage = (value: CustomerSnapshot, format: Format = 'protobuf'): BankMessage =>
  distinct(encode({ type: 'customer', at: new Date(), value }, value.sourceSystem, format));
export const accountMessage = (value: AccountSnapshot, format: Format = 'protobuf'): BankMessage =>
  distinct(encode({ type: 'account', at: new Date(), value }, value.sourceSystem, format));
export const transactionMessage = (value: TransactionPosted, format: Format = 'protobuf'): BankMessage =>
  distinct(encode({ type: 'transaction', at: new Date(), value }, value.sourceSystem, format));

const distinct = (message: BankMessage): BankMessage => ({
  ...message,
  headers: { ...message.headers, ce_id: `${message.headers.ce_id}-${uniqueDigits(12)}` },
});
