import { describe, expect, it } from 'vitest';
import {
  matchEtag,
  parseOrgUnitFields,
  parseOrgUnitUpdate,
  parsePosts,
  parseReason,
  parseStaffFields,
  parseStaffUpdate,
  requireCurrent,
  requireUnchanged,
} from './input.ts';

const fieldsOf = (work: () => unknown): string[] => {
  try {
    work();
    return [];
  } catch (error) {
    return (error as { fields: { field: string }[] }).fields.map(({ field }) => field);
  }
};
/** RFC 5321: any atom before the @, 64 octets of it, labels of 63, 254 in all. */
const takenAddresses = [
  "o'brien+crm@bank.example",
  '{a}|b~!#$%&*/=?^_`-@bank.example',
  'x@xn--fiqs8s.example',
  `${'x'.repeat(64)}@bank.example`,
  `x@${'b'.repeat(63)}.example`,
  `x@${'b23456789.'.repeat(25)}cn`,
];
const good = { staffNumber: '100001', displayName: ' 张伟 ', email: 'Zhang.Wei@Bank.example' };

describe('what people type', () => {
  it('is one spelling of name and address once it is read', () => {
    expect(parseStaffFields(good)).toEqual({ staffNumber: '100001', displayName: '张伟', email: 'zhang.wei@bank.example' });
  });

  it('is refused with every field that is wrong', () => {
    expect(fieldsOf(() => parseStaffFields({ staffNumber: '12345', displayName: '', email: 'x y' }))).toEqual([
      'staff_number',
      'display_name',
      'email',
    ]);
    for (const staffNumber of ['', '1234567890123', '12345a', ' 100001', '１００００１'])
      expect(fieldsOf(() => parseStaffFields({ ...good, staffNumber }))).toEqual(['staff_number']);
    for (const displayName of ['   ', 'x'.repeat(101), 'a\u0000b', 'a\nb', '田\u200b野', 'a\u202eb', 'a\u2028b'])
      expect(fieldsOf(() => parseStaffFields({ ...good, displayName }))).toEqual(['display_name']);
    for (const email of [
      'a@',
      '@b.cn',
      'a b@c.cn',
      '\u0001a@b.cn',
      'a@b@c.cn',
      'a@b.cn\nbcc: x',
      `${'x'.repeat(65)}@b.cn`,
      `a@${'x'.repeat(260)}`,
    ])
      expect(fieldsOf(() => parseStaffFields({ ...good, email }))).toEqual(['email']);
    expect(parseStaffFields({ ...good, displayName: '𠮷'.repeat(100) }).displayName).toHaveLength(200);
  });

  it.each([
    '田野@bank.example',
    'x.@bank.example',
    '.x@bank.example',
    'x..y@bank.example',
    '"x y"@bank.example',
    'x(y)@bank.example',
    '\u212aate@bank.example',
    'x@银行.example',
    'x@bank.example.',
    'x@.bank.example',
    'x@bank..example',
    'x@-bank.example',
    'x@bank-.example',
    'x@ba_nk.example',
    'x@[192.0.2.1]',
    `x@${'b'.repeat(64)}.example`,
    `x@${'b23456789.'.repeat(25)}com`,
  ])('takes no e-mail address that the identity provider or a mail server refuses: %s', (email) => {
    expect(fieldsOf(() => parseStaffFields({ ...good, email }))).toEqual(['email']);
    expect(fieldsOf(() => parseStaffUpdate({ email }))).toEqual(['staff_member.email']);
  });

  it.each(takenAddresses)('takes an unusual e-mail address that is one: %s', (email) => {
    expect(parseStaffFields({ ...good, email }).email).toBe(email);
  });

  it('names org units by capital letters, digits and single hyphens', () => {
    for (const code of ['HQ', 'BJ-CY', 'A1-2-3', 'X'.repeat(32)])
      expect(parseOrgUnitFields({ code, displayName: 'x' }).code).toBe(code);
    for (const code of ['', 'hq', '-HQ', 'HQ-', 'A--B', 'A B', 'Ａ', 'X'.repeat(33)])
      expect(fieldsOf(() => parseOrgUnitFields({ code, displayName: 'x' }))).toEqual(['org_unit.code']);
  });

  it('gives one or two different posts with roles that exist', () => {
    const orgUnit = 'orgUnits/0190a3f0-0000-7000-8000-000000000001';
    const roles = new Set(['rm', 'teller']);
    expect(
      parsePosts(
        [
          { orgUnit, role: 'rm' },
          { orgUnit, role: 'teller' },
        ],
        roles,
      ),
    ).toHaveLength(2);
    expect(fieldsOf(() => parsePosts([], roles))).toEqual(['posts']);
    expect(
      fieldsOf(() =>
        parsePosts(
          [
            { orgUnit, role: 'rm' },
            { orgUnit, role: 'rm' },
          ],
          roles,
        ),
      ),
    ).toEqual(['posts']);
    expect(fieldsOf(() => parsePosts([{ orgUnit, role: 'king' }], roles))).toEqual(['posts[0].role']);
    expect(
      fieldsOf(() =>
        parsePosts(
          [
            { orgUnit, role: 'rm' },
            { orgUnit: 'orgUnits/1', role: 'rm' },
          ],
          roles,
        ),
      ),
    ).toEqual(['posts[1].org_unit']);
  });

  it('says why in a few printable words', () => {
    expect(parseReason(' LEFT_BADGE ')).toBe('LEFT_BADGE');
    for (const reason of ['', ' ', 'x'.repeat(201), 'a\nb']) expect(fieldsOf(() => parseReason(reason))).toEqual(['reason']);
  });

  it('keeps numbers that identify a person out of the reason, which the audit log keeps for ever', () => {
    for (const reason of ['客户 11010519491231002X 投诉', '来电 138-0013-8000', '卡 6222020200112233445'])
      expect(() => parseReason(reason)).toThrow('IDENTIFYING_TEXT');
    expect(parseReason('2026-11-23 离职，工单 20261123-01')).toBe('2026-11-23 离职，工单 20261123-01');
  });
});

describe('an update', () => {
  it('changes what it names and leaves out the rest', () => {
    expect(parseStaffUpdate({ email: 'New@bank.example' })).toEqual({ email: 'new@bank.example' });
    expect(parseStaffUpdate({ displayName: ' 李娜 ' })).toEqual({ displayName: '李娜' });
    expect(parseOrgUnitUpdate({ displayName: ' 朝阳支行 ' })).toBe('朝阳支行');
  });

  it('empties no field that must have a value, and must name one', () => {
    expect(fieldsOf(() => parseStaffUpdate({ displayName: '', email: '' }))).toEqual([
      'staff_member.display_name',
      'staff_member.email',
    ]);
    expect(fieldsOf(() => parseStaffUpdate({}))).toEqual(['staff_member']);
    expect(fieldsOf(() => parseOrgUnitUpdate({ displayName: '' }))).toEqual(['org_unit.display_name']);
    expect(fieldsOf(() => parseOrgUnitUpdate({}))).toEqual(['org_unit']);
  });

  it('may repeat what it cannot change, and not say it otherwise', () => {
    const is = { staff_number: '100001', state: 'ACTIVE', posts: 'rm orgUnits/1' };
    requireUnchanged(is, is, 'staff_member.');
    requireUnchanged({ staff_number: '', state: '', posts: '' }, is, 'staff_member.');
    expect(fieldsOf(() => requireUnchanged({ ...is, state: 'SUSPENDED', posts: '' }, is, 'staff_member.'))).toEqual([
      'staff_member.state',
    ]);
  });
});

describe('an etag', () => {
  it('must be the current one where it is required, and may be left out where waiting would do harm', () => {
    requireCurrent({ version: 3 }, '3');
    matchEtag({ version: 3 }, '');
    for (const check of [requireCurrent, matchEtag]) expect(() => check({ version: 3 }, '2')).toThrow('ETAG_MISMATCH');
    expect(() => requireCurrent({ version: 3 }, '')).toThrow('ETAG_REQUIRED');
  });
});
