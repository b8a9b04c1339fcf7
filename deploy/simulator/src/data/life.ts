import { weighted } from '../random.ts';

/** First three digits of mobile numbers in use by the mainland's operators (MIIT numbering plan; no IoT or data-only ones). */
export const mobilePrefixes = weighted(
  `130 131 132 133 134 135 136 137 138 139 147 150 151 152 153 155 156 157 158 159 166 173 175 176 177 178
   180 181 182 183 184 185 186 187 188 189 191 193 195 196 197 198 199`
    .split(/\s+/)
    .map((prefix) => [prefix, /^(13[5-9]|15[0-289]|18[6-9])$/.test(prefix) ? 3 : 1] as const),
);

/** Area codes, without the trunk 0, of cities whose landlines have eight digits (MIIT numbering plan). */
export const areaCodes =
  '10 20 21 22 23 24 25 27 28 29 311 371 411 431 451 512 531 532 551 571 574 591 595 731 755 757 769'.split(' ');

export const occupations = [
  '职员',
  '教师',
  '医生',
  '工程师',
  '公务员',
  '个体经营者',
  '销售',
  '司机',
  '会计',
  '企业主',
  '自由职业',
  '学生',
  '退休',
];
/** How another system writes the same occupation. */
export const otherOccupations: Readonly<Record<string, string>> = {
  职员: '公司职员',
  教师: '老师',
  医生: '医师',
  工程师: '工程技术人员',
  公务员: '机关工作人员',
  个体经营者: '个体户',
  销售: '销售人员',
  司机: '驾驶员',
  会计: '财务人员',
  企业主: '私营企业主',
  自由职业: '自由职业者',
  学生: '在校学生',
  退休: '退休人员',
};
export const educations = weighted([
  ['高中及以下', 34],
  ['大专', 24],
  ['本科', 33],
  ['硕士', 8],
  ['博士', 1],
] as const);
export const maritalStates = weighted([
  ['未婚', 28],
  ['已婚', 62],
  ['离异', 7],
  ['丧偶', 3],
] as const);
export const streets = ['建设路', '人民路', '中山路', '解放路', '和平街', '学府路', '滨江大道', '新华街', '科技园路', '文昌巷'];
export const merchants = [
  '盒马鲜生',
  '永辉超市',
  '瑞幸咖啡',
  '海底捞',
  '中国石化',
  '美团',
  '京东',
  '滴滴出行',
  '国家电网',
  '中国移动',
  '铁路12306',
  '万达影城',
];
export const foreignCountries = ['US', 'GB', 'DE', 'FR', 'JP', 'KR', 'SG', 'AU'];

/** How much more or less people spend in a month, January first: Spring Festival, 618, the October holiday, 11.11. */
export const spendingSeason = [1.15, 1.3, 0.95, 0.95, 1.05, 1.1, 0.95, 0.97, 1.02, 1.1, 1.2, 1.1] as const;
