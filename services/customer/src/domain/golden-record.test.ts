import { tidyCustomer } from '@bankcrm/contract/domain';
import { CustomerSnapshot, type Individual } from '@bankcrm/proto/gen/corebanking/v1/customers.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { supplementedFields } from './field-priorities.ts';
import { foldGoldenRecord, type PartySnapshot, type Supplement } from './golden-record.ts';

const fold = (parties: readonly PartySnapshot[], supplements: readonly Supplement[] = []) =>
  foldGoldenRecord(parties, supplements, '2026-11-29');

const text = fc.constantFrom('', 'A', 'B', 'C');
const instant = fc.constantFrom(new Date('2026-01-01T00:00:00Z'), new Date('2026-02-01T00:00:00Z'), undefined);

const anyParty: fc.Arbitrary<PartySnapshot> = fc
  .record({
    sourceSystem: fc.constantFrom('core', 'credit', 'card', 'wealth', 'elsewhere'),
    sourceId: fc.constantFrom('1', '2', '3'),
    updateTime: instant,
    state: fc.constantFrom(1 as const, 2 as const, 3 as const),
    restricted: fc.boolean(),
    isOrganisation: fc.boolean(),
    fullName: text,
    occupation: text,
    employer: text,
    birthDate: fc.constantFrom('', '1980-01-02', '1990-03-04'),
    regionCode: text,
    segment: text,
    homeBranchCode: text,
    income: fc.option(fc.bigInt(0n, 3n), { nil: undefined }),
    openDate: fc.constantFrom('', '2001-01-01', '2002-02-02'),
  })
  .map((p) => {
    const { fullName, regionCode } = p;
    const amount = p.income === undefined ? undefined : { currencyCode: 'CNY', minorUnits: p.income };
    const { occupation, employer, birthDate } = p;
    const snapshot = CustomerSnapshot.fromPartial({
      sourceSystem: p.sourceSystem,
      sourceId: p.sourceId,
      version: 1n,
      state: p.state,
      restricted: p.restricted,
      segment: p.segment,
      homeBranchCode: p.homeBranchCode,
      openDate: p.openDate,
      profile: p.isOrganisation
        ? { $case: 'organisation', value: { fullName, regionCode, registeredCapital: amount } }
        : { $case: 'individual', value: { fullName, regionCode, occupation, employer, birthDate, annualIncome: amount } },
    });
    return { sourceSystem: p.sourceSystem, sourceId: p.sourceId, ...tidyCustomer({ ...snapshot, updateTime: p.updateTime }) };
  });

/** One snapshot per party, as the table of snapshots holds them. */
const parties = fc.uniqueArray(anyParty, { selector: (p) => `${p.sourceSystem}/${p.sourceId}`, maxLength: 5 });
const supplements: fc.Arbitrary<Supplement[]> = fc.uniqueArray(
  fc.record({
    field: fc.constantFrom(...supplementedFields, 'restricted', 'mobile'),
    value: fc.constantFrom('', 'M', 'true'),
    updateTime: fc.constantFrom(new Date('2020-01-01T00:00:00Z'), new Date('2026-06-01T00:00:00Z')),
  }),
  { selector: ({ field }) => field },
);

const party = (sourceSystem: string, individual: Partial<Individual>, rest: Partial<CustomerSnapshot> = {}): PartySnapshot => ({
  sourceSystem,
  sourceId: '1',
  ...tidyCustomer(
    CustomerSnapshot.fromPartial({
      state: 1,
      updateTime: new Date('2026-01-01T00:00:00Z'),
      ...rest,
      profile: { $case: 'individual', value: individual },
    } as CustomerSnapshot),
  ),
});

describe('the golden record', () => {
  it('is the same whatever the order in which snapshots and supplements came', () => {
    fc.assert(
      fc.property(parties, supplements, fc.infiniteStream(fc.nat()), (given, manual, random) => {
        const shuffle = <T>(values: readonly T[]): T[] =>
          values
            .map((value) => ({ value, place: random.next().value as number }))
            .sort((a, b) => a.place - b.place)
            .map(({ value }) => value);
        expect(fold(shuffle(given), shuffle(manual))).toEqual(fold(given, manual));
      }),
    );
  });

  it('is the same however often a snapshot came', () => {
    fc.assert(
      fc.property(parties, supplements, (given, manual) => {
        expect(fold([...given, ...given], manual)).toEqual(fold(given, manual));
      }),
    );
  });

  it('keeps a supplement whatever the sources say', () => {
    const profileFields = supplementedFields.filter((field) => field !== 'short_name' && field !== 'family');
    fc.assert(
      fc.property(parties, fc.constantFrom(...profileFields), (given, field) => {
        const record = fold(given, [{ field, value: 'by hand', updateTime: new Date(0) }]);
        const isOfOtherKind = record.kind === 'ORGANISATION' && field !== 'region_code';
        if (!isOfOtherKind) expect(record.profile[field]).toBe('by hand');
        if (!isOfOtherKind) expect(record.fieldSources[field]?.source).toBe('manual');
      }),
    );
  });

  it('takes no supplement for what the core’s papers decide', () => {
    const manual = ['full_name', 'birth_date', 'kind'].map((field) => ({ field, value: 'X', updateTime: new Date() }));
    const record = fold([party('core', { fullName: '张伟', birthDate: '1990-03-04' })], manual);
    expect(record).toMatchObject({ fullName: '张伟', birthDate: '1990-03-04', kind: 'INDIVIDUAL' });
  });

  it('believes the core’s name over another system’s newer one, and says that they disagree', () => {
    const newer = new Date('2026-05-01T00:00:00Z');
    const record = fold(
      [party('card', { fullName: '张玮', occupation: '教师' }, { updateTime: newer }), party('core', { fullName: '张伟' })],
      [],
    );
    expect(record.fullName).toBe('张伟');
    expect(record.fieldSources.full_name).toEqual({ source: 'core', time: '2026-01-01T00:00:00.000Z', conflicting: true });
    expect(record.fieldSources.occupation).toEqual({ source: 'card', time: newer.toISOString(), conflicting: false });
  });

  it('is restricted as soon as one source or the staff say so', () => {
    const open = party('core', {});
    expect(fold([open], []).restricted).toBe(false);
    expect(fold([open, party('card', {}, { restricted: true })], []).restricted).toBe(true);
    expect(fold([open], [{ field: 'restricted', value: 'true', updateTime: new Date() }]).restricted).toBe(true);
  });

  it('is as alive as its liveliest party: closed only when every one is', () => {
    const closed = party('core', {}, { state: 3, closeDate: '2025-05-05' });
    expect(fold([closed], [])).toMatchObject({ state: 'CLOSED', closeDate: '2025-05-05' });
    expect(fold([closed, party('card', {}, { state: 2 })], [])).toMatchObject({ state: 'DORMANT', closeDate: null });
    expect(fold([closed, party('card', {}, { state: 2 }), party('wealth', {})], []).state).toBe('ACTIVE');
    expect(fold([], []).state).toBe('MENTIONED');
  });

  it('believes another source where the core names a day that is in no calendar, and flags the customer', () => {
    const record = fold([party('core', { birthDate: '1999-02-29' }), party('card', { birthDate: '1999-02-28' })]);
    expect(record).toMatchObject({ birthDate: '1999-02-28', birthday: 228 });
    expect(record.flags).toContain('DATE_INVALID');
    expect(record.fieldSources.birth_date).toMatchObject({ source: 'card', conflicting: false });
  });

  it('has no birthday for a birth date that cannot be right', () => {
    expect(fold([party('core', { birthDate: '2030-01-01' })])).toMatchObject({ birthDate: '2030-01-01', birthday: null });
    expect(fold([party('core', { birthDate: '2026-11-29' })])).toMatchObject({ birthday: 1129 });
  });

  it('hears no contradiction in blanks, case or width', () => {
    const padded = party('card', { fullName: '张伟 ' }, { segment: 'ＭＡＳＳ  ', rmStaffNumber: '100001    ' });
    const { fieldSources } = fold([party('core', { fullName: '张伟' }, { segment: 'mass', rmStaffNumber: '100001' }), padded]);
    expect(Object.values(fieldSources).filter(({ conflicting }) => conflicting)).toEqual([]);
  });
});

it('believes the credit system’s grade and score of a person before the core’s, and has none where nobody gives one', () => {
  const record = fold([
    party('core', { fullName: '张伟', creditGrade: 'BB', creditScore: 600 }),
    party('credit', { fullName: '张伟', creditGrade: 'AA', creditScore: 712 }),
    party('card', { fullName: '张伟' }),
  ]);
  expect(record.profile).toMatchObject({ credit_grade: 'AA', credit_score: '712' });
  expect(record.fieldSources.credit_score).toMatchObject({ source: 'credit', conflicting: true });
  expect(fold([party('core', { fullName: '张伟' })]).profile).not.toHaveProperty('credit_score');
});
