import { CustomersService, PresentedKind } from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';
import { CustomerSnapshot } from '@bankcrm/proto/gen/corebanking/v1/customers.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openReads, type ReadBench } from './support/reading.ts';

let bench: ReadBench;

const customer = (sourceId: string, fullName: string, { phones = [], id = '' }: { phones?: string[]; id?: string }) =>
  CustomerSnapshot.fromPartial({
    sourceSystem: 'core',
    sourceId,
    version: 1n,
    state: 1,
    profile: { $case: 'individual', value: { fullName } },
    identifiers: id === '' ? [] : [{ kind: 1, value: id }],
    contacts: phones.map((value) => ({ kind: 1, value })),
    homeBranchCode: 'HQ',
  });

beforeAll(async () => {
  bench = await openReads({ lookupsPerDay: 1_000 });
  await bench.give(
    'customer',
    customer('N1', '港客', { phones: ['+852 9000 0001'] }),
    customer('N2', '京客', { phones: ['010-6000 0001 转 801'] }),
    customer('N3', '沪客', { phones: ['021/6000.0002'] }),
    customer('N4', '旧证', { id: '110105850615321' }),
    customer('N5', '新证', { id: '11010519491231002X' }),
    customer('N6', '乱号', { phones: ['12-34567'] }),
    CustomerSnapshot.fromPartial({
      ...customer('N7', '', {}),
      profile: { $case: 'organisation', value: { fullName: '华为' } },
      identifiers: [{ kind: 5, value: '914403001922038216' }],
    }),
  );
});
beforeEach(() => bench.workers.query('DELETE FROM customer.use_count'));
afterAll(() => bench?.closeAll());

const found = async (query: string) => {
  const { customers } = await bench.as('hqManager', CustomersService.searchCustomers, {
    query,
    pageSize: 20,
    pageToken: '',
    includeClosed: false,
  });
  return customers.map(({ fullName }) => fullName);
};
const started = async (kind: PresentedKind, value: string) => {
  const request = { kind, value, channel: 'phone', note: '', requestId: '' };
  const { customer: name } = await bench.as('agent', CustomersService.startService, request);
  return name;
};

describe('a complete phone number', () => {
  it.each([
    ['N1', '港客', ['+852 9000 0001', '+85290000001', '85290000001', '0085290000001', '(852) 9000.0001']],
    [
      'N2',
      '京客',
      ['010-6000 0001 转 801', '010/6000.0001', '010-6000 0001', '+86 10 6000 0001', '1060000001', '（010）6000–0001'],
    ],
    ['N3', '沪客', ['021/6000.0002', '+86 21 6000 0002', '021-60000002 ext 5']],
    ['N6', '乱号', ['12-34567', '1234567']],
  ])('finds its owner however it is written: %s', async (sourceId, fullName, written) => {
    const customerName = `customers/${await bench.customerOf(sourceId)}`;
    for (const text of written) {
      expect([text, await found(text)]).toEqual([text, [fullName]]);
      expect([text, await started(PresentedKind.PHONE, text)]).toEqual([text, customerName]);
    }
  });
});

describe('a resident’s number', () => {
  it.each([
    ['N4', '旧证', ['110105850615321', '110105198506153215']],
    ['N5', '新证', ['11010519491231002X', '11010519491231002x', '110105491231002', '110105.19491231.002X']],
  ])('finds its owner by 15 digits and by 18: %s', async (sourceId, fullName, written) => {
    const customerName = `customers/${await bench.customerOf(sourceId)}`;
    for (const text of written) {
      expect([text, await found(text)]).toEqual([text, [fullName]]);
      expect([text, await started(PresentedKind.ID_NUMBER, text)]).toEqual([text, customerName]);
    }
    expect(await found('110105198506153216')).toEqual([]);
  });

  it('finds a firm by its credit code and by the organisation code in it', async () => {
    expect(await found('914403001922038216')).toEqual(['华为']);
    expect(await found('19220382-1')).toEqual(['华为']);
    expect(await found('192203821')).toEqual([]);
  });
});
