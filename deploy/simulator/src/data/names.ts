import { type Random, weighted } from '../random.ts';

/** Surnames in per cent of the population (Ministry of Public Security, 2019–2020 reports; the tail rounded up to be seen). */
const surnames = weighted([
  ...frequencies(`王 7.10 李 7.00 张 6.74 刘 5.10 陈 4.61 杨 3.22 黄 2.45 赵 2.30 吴 2.20 周 2.10 徐 1.70 孙 1.60 马 1.35 朱 1.30
    胡 1.25 郭 1.20 何 1.18 林 1.15 高 1.10 罗 1.05 郑 1.00 梁 .95 谢 .85 宋 .80 唐 .77 许 .75 韩 .72 邓 .70 冯 .68 曹 .65 彭 .62
    曾 .60 肖 .58 田 .55 董 .53 潘 .50 袁 .50 蔡 .48 蒋 .47 余 .46 于 .46 杜 .45 叶 .44 程 .43 魏 .42 苏 .41 吕 .40 丁 .39 任 .38
    卢 .37 姚 .36 沈 .36 钟 .35 姜 .34 崔 .33 谭 .32 陆 .31 范 .30 汪 .30 廖 .29 石 .29 金 .28 韦 .27 贾 .27 夏 .26 付 .25 方 .25
    邹 .24 熊 .23 白 .22 孟 .22 秦 .21 邱 .21 侯 .20 江 .20 尹 .19 薛 .19 闫 .18 段 .18 雷 .17 龙 .17 黎 .16 史 .16 陶 .15 贺 .15
    毛 .15 郝 .15 顾 .14 龚 .14 邵 .14 万 .13 覃 .13 武 .13 钱 .13 戴 .12 严 .12 莫 .12 孔 .12 向 .12 常 .11 汤 .11 康 .11 易 .11
    乔 .11 翟 .10 葛 .10 欧阳 .08 单 .06 解 .06 查 .05 仇 .05 朴 .05 盖 .04 区 .04 缪 .04 乐 .03 司马 .03 上官 .03 尉迟 .02
    皇甫 .02 诸葛 .02 令狐 .02 司徒 .02 长孙 .01`),
]);

const male = '伟强磊军勇杰涛明超刚平辉鹏华飞斌波宇浩凯健俊帆帅旭宁龙林成建国志文海峰晨阳子轩泽睿博昊天宏亮东鑫家豪';
const female = '芳娜敏静丽艳娟霞秀英燕玲桂兰红梅萍雪琳倩颖婷慧莹欣怡佳悦梦瑶雨涵梓萱诗语思彤晓洁淑珍玉凤云';
/** Beyond the Basic Multilingual Plane or barely in any font: what breaks length limits, collations and screens. */
const rare = ['𬀩', '𫖯', '𠅤', '𬱖', '𬬿', '㛃', '䶮', '堃', '喆', '昇'];

const uyghurGiven = [
  '买买提',
  '阿布都热依木',
  '艾力',
  '吐尔逊',
  '玉素甫',
  '古丽娜尔',
  '阿依古丽',
  '热娜',
  '帕提古丽',
  '迪丽努尔',
];
const uyghurFather = ['吐尔逊', '买买提', '阿不都拉', '克里木', '艾合买提', '热合曼', '依明', '司马义'];
const western = [
  'John Smith',
  'Maria Garcia',
  'Anna Müller',
  'Pierre Lefèvre',
  'Sofia Rossi',
  'James O’Neill',
  'Yuki Tanaka',
  'Min-jun Kim',
];

/**
 * The first individuals of every bank, so that even a small one has the names that search must cope with: the most
 * common name, surnames with a reading of their own (单 Shàn, 曾 Zēng, 解 Xiè, 查 Zhā, 仇 Qiú, 区 Ōu), compound
 * surnames, `·`, and characters beyond the BMP.
 */
export const cast = [
  { fullName: '张伟', female: false },
  { fullName: '单秀英', female: true },
  { fullName: '曾静', female: true },
  { fullName: '解志强', female: false },
  { fullName: '查文博', female: false },
  { fullName: '仇敏', female: true },
  { fullName: '区家豪', female: false },
  { fullName: '尉迟建国', female: false },
  { fullName: '欧阳娜', female: true },
  { fullName: '司马睿', female: false },
  { fullName: '买买提·吐尔逊', female: false },
  { fullName: '李𬀩', female: false },
  { fullName: '王𫖯', female: false },
  { fullName: '陈𠅤', female: true },
  { fullName: '张伟', female: false },
  { fullName: '张薇', female: true },
] as const;

/** A name as it stands on a resident identity card. */
export function chineseName(random: Random, isFemale: boolean): string {
  if (random.chance(0.006)) return `${random.pick(uyghurGiven)}·${random.pick(uyghurFather)}`;
  const characters = [...(isFemale ? female : male)];
  const first = random.chance(0.004) ? random.pick(rare) : random.pick(characters);
  return random.draw(surnames) + first + (random.chance(0.82) ? random.pick(characters) : '');
}

/** A name as it stands on a foreign passport. */
export function foreignName(random: Random): string {
  return random.pick(western);
}

const words = [
  '星河',
  '远航',
  '华辰',
  '瑞祥',
  '金桥',
  '博远',
  '恒信',
  '天成',
  '新元',
  '东方',
  '锦程',
  '云帆',
  '鼎盛',
  '和润',
  '百川',
  '宏图',
  '启明',
  '中联',
];
const trades = [
  { word: '科技', industryCode: 'I65' },
  { word: '贸易', industryCode: 'F51' },
  { word: '建设', industryCode: 'E47' },
  { word: '物流', industryCode: 'G58' },
  { word: '餐饮管理', industryCode: 'H62' },
  { word: '医药', industryCode: 'C27' },
  { word: '电子', industryCode: 'C39' },
  { word: '纺织', industryCode: 'C17' },
  { word: '文化传媒', industryCode: 'R86' },
  { word: '农业发展', industryCode: 'A01' },
] as const;

/** A company's registered name, short name and GB/T 4754 division. */
export function organisationName(random: Random, city: string): { fullName: string; shortName: string; industryCode: string } {
  const trade = random.pick(trades);
  const word = random.pick(words) + (random.chance(0.4) ? random.pick([...'达通盛源隆兴泰安']) : '');
  const form = random.draw(forms);
  return {
    fullName: `${city.replace(/(市|地区)$/, '')}${word}${trade.word}${form}`,
    shortName: `${word}${trade.word}`,
    industryCode: trade.industryCode,
  };
}

const forms = weighted([
  ['有限公司', 75],
  ['有限责任公司', 10],
  ['股份有限公司', 8],
  ['（集团）有限公司', 4],
  ['合伙企业（有限合伙）', 3],
] as const);

function frequencies(text: string): [string, number][] {
  const parts = text.trim().split(/\s+/);
  return Array.from({ length: parts.length / 2 }, (_, i) => [parts[2 * i] as string, Number(parts[2 * i + 1])]);
}
