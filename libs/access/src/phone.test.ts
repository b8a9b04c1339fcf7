import { describe, expect, it } from 'vitest';
import { extensionOf, isMobile, isPhoneText, normalisePhone, phoneForms, readPhone } from './phone.ts';

describe('phone numbers', () => {
  it.each([
    [
      '13800138000',
      [
        '13800138000',
        '+86 138-0013-8000',
        '0086 13800138000',
        '86 138 0013 8000',
        '１３８００１３８０００',
        '（86）13800138000',
        '013800138000',
        '086-13800138000',
        '138.0013.8000',
        '138/0013/8000',
        '138‑0013–8000',
        '138\t0013\t8000',
        '138·0013·8000',
        '13800138000 转 3',
        '١٣٨٠٠١٣٨٠٠٠',
      ],
    ],
    [
      '+861060000001',
      [
        '010-60000001',
        '010/6000.0001',
        '(010) 6000-0001',
        '（０１０）６０００－０００１',
        '010 6000 0001',
        '01060000001',
        '1060000001',
        '+86 10 6000 0001',
        '0086 10 6000 0001',
        '86 10 6000 0001',
        '+86 (0)10 6000 0001',
        '010-6000 0001 转 801',
        '010-6000 0001（转801）',
        '010-60000001 分机：12',
        '010 6000 0001 ext. 801',
        '010 6000 0001 extension 801',
        '01060000001#801',
        '01060000001＃801',
        '01060000001x801',
        '010-60000001-801',
        '010-60000001,801',
        '010-60000001(801)',
        '010-60000001（801）',
        '010-60000001*801',
        '010-60000001/801',
        '010-6000-0001/2',
        '010-60000001 转8001-02',
        '010-60000001 转8001/02',
      ],
    ],
    ['+863718765432', ['0371-8765432', '371 876 5432', '+86 371 8765432']],
    ['+864001234567', ['400-123-4567', '4001234567']],
    [
      '+85290000001',
      [
        '+852 9000 0001',
        '+85290000001',
        '85290000001',
        '0085290000001',
        '852-9000-0001',
        '(852) 9000.0001',
        '00 852 9000 0001',
        '＋８５２ ９０００ ０００１',
      ],
    ],
    ['+85366000001', ['+853 6600 0001', '85366000001', '0085366000001']],
    ['+886912345678', ['+886 912 345 678', '886912345678', '00886-912-345-678', '+886 (0)912 345 678']],
    ['+6565551234', ['+65 6555 1234', '65 6555 1234', '6565551234']],
    ['+60323456789', ['+60 3 2345 6789', '60 3 2345 6789']],
    ['+866623456789', ['0662-3456789', '662 345 6789']],
    ['+12125550100', ['+1 212 555 0100', '+1 (212) 555-0100', '001 212 555 0100']],
    ['+442079460000', ['+44 20 7946 0000', '+44 (0)20 7946 0000', '0044 20 7946 0000', '442079460000']],
  ])('have one spelling however they are written: %s', (number, written) => {
    for (const text of written) expect([text, readPhone(text)]).toEqual([text, number]);
    expect(normalisePhone(number)).toBe(number);
  });

  it.each([
    '60000001',
    '12345',
    '95588',
    '000000000000',
    '12345678901234567',
    '1380013800',
    '13800138000/13900139000',
    '+999 123',
    '无',
    '',
  ])('that are none are known by their digits: %s', (text) => {
    expect(readPhone(text)).toBeUndefined();
    expect(normalisePhone(`${text} `)).toBe(normalisePhone(text));
    expect(phoneForms(text)).toContain(normalisePhone(text));
  });

  it('are looked up in the few forms in which they may be indexed', () => {
    expect(phoneForms('+86 138 0013 8000')).toEqual(['13800138000']);
    // As rows hold them that were indexed by the digits as they came.
    expect(phoneForms('+852 9000 0001')).toEqual(['+85290000001', '85290000001', '0085290000001']);
    expect(phoneForms('+86 10 6000 0001')).toContain('01060000001');
    // A mistyped mobile more likely than a foreign number; all the same it finds the number with its country code, and the reverse.
    expect(phoneForms('12125550100')).toEqual(['12125550100', '+12125550100']);
    expect(phoneForms('+1 212 555 0100')).toContain('12125550100');
    // Without its code it may be Bangkok's or Yangjiang's, as it is typed and as it is stored.
    for (const text of ['66 2 345 6789', '+66 2 345 6789'])
      expect(phoneForms(text)).toEqual(expect.arrayContaining(['+866623456789', '+6623456789']));
    // Toronto's has the shape of a mainland mobile.
    expect(phoneForms('14165551234')).toEqual(['14165551234', '+14165551234']);
    expect(phoneForms('+86 141 6555 1234')).toEqual(['14165551234']);
    for (const text of ['010-60000001-801', '+44 (0)20 7946 0000', '6623456789', '+6623456789'])
      expect(phoneForms(text).length).toBeLessThanOrEqual(6);
  });

  it('of another country never stand for a mainland mobile of the same digits', () => {
    expect(phoneForms('+1 380 013 8000')).not.toContain('13800138000');
    expect(phoneForms('001 380 013 8000')).not.toContain('13800138000');
  });

  it.each([
    ['010-6000 0001 转 801', '801'],
    ['010-60000001-802', '802'],
    ['+86 10 6000 0001 ext. 803', '803'],
    ['010-60000001', ''],
    ['010-60000001 转', ''],
    ['13800138000', ''],
    ['021-6000-0001', ''],
    ['12345-678', ''],
  ])('%s leads on to %j', (text, extension) => expect(extensionOf(text)).toBe(extension));

  it('are told from other texts by having nothing but digits, signs and an extension', () => {
    for (const text of ['010/6000.0001', '+852 9000 0001', '010-6000 0001 转 801'])
      expect([text, isPhoneText(text)]).toEqual([text, true]);
    for (const text of ['E12345678', '360', '张伟 13800138000', '138****8000', ''])
      expect([text, isPhoneText(text)]).toEqual([text, false]);
  });

  it('of mobiles are mainland mobiles and complete numbers of other countries', () => {
    for (const text of ['13800138000', '+852 9000 0002', '85290000002', '+1 212 555 0100'])
      expect([text, isMobile(text)]).toEqual([text, true]);
    for (const text of ['010-60000001', '90000002', '1380013800', '']) expect([text, isMobile(text)]).toEqual([text, false]);
  });
});
