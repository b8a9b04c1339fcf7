import { describe, expect, it } from 'vitest';
import { maskAddress } from './supplement.ts';

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
