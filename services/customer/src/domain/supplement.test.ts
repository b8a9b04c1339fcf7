import { describe, expect, it } from 'vitest';
import { maskAddress, readSupplements } from './supplement.ts';

describe('a written address', () => {
  it.each([
    ['北京市朝阳区花市大街5号', '北京市'],
    ['上海市静安区南京西路市场街8号', '上海市'],
    ['广州市天河区城市花园3栋201', '广州市'],
    ['江苏省苏州市姑苏区平江路十号', '江苏省苏州市'],
    ['江苏省 苏州市 姑苏区', '江苏省苏州市'],
    ['内蒙古自治区锡林郭勒盟多伦县大市街1号', '内蒙古自治区锡林郭勒盟'],
    ['湖北省恩施土家族苗族自治州利川市都亭街道', '湖北省恩施土家族苗族自治州'],
    ['湖北省仙桃市沔阳大道', '湖北省'],
    ['江苏省昆山市前进路', '江苏省'],
    ['城市花园3栋201', '***'],
    ['朝阳区花市大街5号', '***'],
    ['12 Market Street, London', '***'],
  ])('%s is shown as %s', (address, shown) => expect(maskAddress(address)).toBe(shown));
});

// As snapshots are flagged for.
it.each(['wei@example', 'wei@example..com', 'wei@example.com.', `${'w'.repeat(65)}@example.com`])(
  'the e-mail address %s is refused',
  (value) => expect(() => readSupplements([{ field: 'email', value }], new Set())).toThrow('INVALID_FIELD'),
);

describe('a mobile that staff write', () => {
  const read = (value: string) => readSupplements([{ field: 'mobile', value }], new Set());

  it.each([
    '13800138000',
    '+86 138-0013-8000',
    '138.0013.8000',
    '+852 9000 0002',
    '0085290000002',
    '+886 912 345 678',
    '+1 212 555 0100',
  ])('may be of any country: %s', (value) => expect(read(value)).toEqual([{ field: 'mobile', value }]));

  it.each(['90000002', '1380013800', '010-60000001', 'mobile'])('is refused with what is wrong when it is none: %s', (value) =>
    expect(() => read(value)).toThrow(
      expect.objectContaining({
        fields: [
          { field: 'mobile', description: 'must be a complete mobile number, with its country code outside mainland China' },
        ],
      }),
    ),
  );
});
