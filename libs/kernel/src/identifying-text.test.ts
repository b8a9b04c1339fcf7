import { describe, expect, it } from 'vitest';
import { identifyingKindIn, refuseIdentifyingText } from './identifying-text.ts';

describe('free text', () => {
  it.each([
    ['身份证11010519491231002X，已核对', 'id-number'],
    ['110105 19491231 002x', 'id-number'],
    ['统一社会信用代码 91350100M000100Y43', 'id-number'],
    ['护照 E12345678', 'id-number'],
    ['通行证H12345678', 'id-number'],
    ['电话13800138000', 'phone'],
    ['+86 138-0013-8000', 'phone'],
    ['１３８ ００１３ ８０００', 'phone'],
    ['座机 010-87654321', 'phone'],
    ['卡 6222 0202 0011 2233 445', 'account-number'],
    ['wei.zhang@example.com.cn', 'email'],
  ])('with an identifying number is found out: %s', (text, kind) => expect(identifyingKindIn(text)).toBe(kind));

  it.each([
    '2026-11-23 10:30 见面，2026-12-01 回访',
    '2026年11月23日 2026年12月1日',
    '存入 1,000,000.00 元，期限 36 个月，利率 3.85%',
    '金额 50000000',
    '工单 20261123-01',
    '办公室 1203 室，3 人参加',
    '产品代码 TD360A',
  ])('about business is left alone: %s', (text) => expect(identifyingKindIn(text)).toBeUndefined());

  it('is refused with the field and the kind of number, and without the number', () => {
    expect(() => refuseIdentifyingText('note', '工单 20261123-01')).not.toThrow();
    try {
      refuseIdentifyingText('note', '电话13800138000');
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ kind: 'INVALID', reason: 'IDENTIFYING_TEXT', fields: [{ field: 'note' }] });
      expect(JSON.stringify(error)).toContain('phone');
      expect(JSON.stringify(error)).not.toContain('13800138000');
    }
  });
});
