import { AccountKind } from '@bankcrm/proto/gen/corebanking/v1/accounts.ts';

/** A product as the bank's catalogue has it. Dates are `YYYY-MM-DD`, empty: open; the margin is what the bank earns in a year, in millionths. */
export type Product = {
  code: string;
  line: 'retail' | 'corporate' | 'wealth' | 'card';
  kind: AccountKind;
  zh: string;
  en: string;
  risk: string;
  marginMicros: number;
  from: string;
  to: string;
};

const { DEPOSIT, TERM_DEPOSIT, WEALTH, FUND, LOAN, CREDIT_CARD, DEBIT_CARD } = AccountKind;

// biome-ignore format: a table.
const plain: readonly (readonly [code: string, line: Product['line'], kind: AccountKind, zh: string, en: string, marginMicros: number, from?: string, to?: string])[] = [
  ['D01', 'retail', DEPOSIT, '活期存款', 'Demand deposit', 14_500],
  ['D02', 'retail', DEPOSIT, '一般存款', 'Second demand deposit', 13_000],
  ['D11', 'corporate', DEPOSIT, '单位活期存款', 'Corporate demand deposit', 12_000],
  ['D12', 'corporate', DEPOSIT, '单位一般存款', 'Corporate second deposit', 11_000],
  ['D9-USD', 'retail', DEPOSIT, '美元活期', 'US dollar demand deposit', 9_000],
  ['D9-HKD', 'retail', DEPOSIT, '港元活期', 'Hong Kong dollar demand deposit', 8_500],
  ['D9-EUR', 'retail', DEPOSIT, '欧元活期', 'Euro demand deposit', 8_000],
  ['K01', 'card', DEBIT_CARD, '借记卡', 'Debit card', 0],
  ['K02', 'card', DEBIT_CARD, '磁条借记卡', 'Magnetic stripe debit card', 0, '2001-03-01', '2015-12-31'],
  ['T91', 'retail', TERM_DEPOSIT, '三个月定期存款', 'Term deposit, 3 months', 8_500],
  ['T182', 'retail', TERM_DEPOSIT, '六个月定期存款', 'Term deposit, 6 months', 7_800],
  ['T365', 'retail', TERM_DEPOSIT, '一年定期存款', 'Term deposit, 1 year', 6_500],
  ['T730', 'retail', TERM_DEPOSIT, '两年定期存款', 'Term deposit, 2 years', 5_000],
  ['T1095', 'retail', TERM_DEPOSIT, '三年定期存款', 'Term deposit, 3 years', 3_500],
  ['T1825', 'retail', TERM_DEPOSIT, '五年定期存款', 'Term deposit, 5 years', -1_200, '2001-03-01', '2024-05-31'],
  ['L10', 'retail', LOAN, '个人住房贷款', 'Mortgage', 11_000],
  ['L20', 'retail', LOAN, '个人消费贷款', 'Consumer loan', 26_000],
  ['L30', 'corporate', LOAN, '流动资金贷款', 'Working capital loan', 18_000],
  ['L31', 'corporate', LOAN, '项目贷款', 'Project loan', 15_000, '2005-01-01', '2021-12-31'],
  ['C01', 'card', CREDIT_CARD, '信用卡普卡', 'Credit card', 62_000],
  ['C02', 'card', CREDIT_CARD, '信用卡金卡', 'Gold credit card', 55_000],
  ['C03', 'card', CREDIT_CARD, '信用卡白金卡', 'Platinum credit card', 48_000],
  ['C09', 'card', CREDIT_CARD, '学生信用卡', 'Student credit card', 20_000, '2006-09-01', '2009-07-31'],
];

const series = [
  { zh: '稳健理财', en: 'Steady', risk: 'R1', marginMicros: 3_000 },
  { zh: '安享理财', en: 'Comfort', risk: 'R2', marginMicros: 4_500 },
  { zh: '增利理财', en: 'Yield', risk: 'R2', marginMicros: 5_000 },
  { zh: '进取理财', en: 'Growth', risk: 'R3', marginMicros: 8_000 },
];
/** When the issues of a series are sold; the last is sold all the time. */
const issues = [
  { from: '2005-01-01', to: '2016-06-30' },
  { from: '2014-01-01', to: '2020-12-31' },
  { from: '2019-01-01', to: '2026-09-30' },
  { from: '2023-04-01', to: '' },
  { from: '', to: '' },
];
const funds = [
  { zh: '货币基金', en: 'Money market fund', risk: 'R1', marginMicros: 2_500 },
  { zh: '债券基金', en: 'Bond fund', risk: 'R2', marginMicros: 5_000 },
  { zh: '混合型基金', en: 'Balanced fund', risk: 'R3', marginMicros: 8_000 },
  { zh: '股票型基金', en: 'Equity fund', risk: 'R4', marginMicros: 10_000 },
  { zh: '行业主题基金', en: 'Sector fund', risk: 'R5', marginMicros: 12_000 },
];
const houses = [
  { zh: '华夏', en: 'Huaxia', to: '' },
  { zh: '星河', en: 'Galaxy', to: '2018-12-31' },
];

/** The whole catalogue, by code. Small on purpose: it is sent whole. */
export const catalogue: ReadonlyMap<string, Product> = new Map(
  [
    ...plain.map(([code, line, kind, zh, en, marginMicros, from = '', to = '']): Product => {
      return { code, line, kind, zh, en, risk: '', marginMicros, from, to };
    }),
    ...issues.flatMap(({ from, to }, issue) =>
      series.map(({ zh, en, risk, marginMicros }, position): Product => {
        const code = `W${101 + issue * series.length + position}`;
        const names = { zh: `${zh}${issue + 1}号`, en: `${en} ${issue + 1}` };
        return { code, line: 'wealth', kind: WEALTH, ...names, risk, marginMicros, from, to };
      }),
    ),
    ...houses.flatMap(({ zh: house, en: houseEn, to }, first) =>
      funds.map(({ zh, en, risk, marginMicros }, position): Product => {
        const code = `F${first * funds.length + position + 1}`;
        return { code, line: 'wealth', kind: FUND, zh: house + zh, en: `${houseEn} ${en}`, risk, marginMicros, from: '', to };
      }),
    ),
  ].map((product) => [product.code, product]),
);

/** The product of a kind that a draw falls on, of those on sale on a day, `YYYY-MM-DD`. */
export function onSale(kind: AccountKind, day: string, draw: number): Product {
  const sold = [...catalogue.values()].filter((one) => one.kind === kind && one.from <= day && (one.to === '' || day <= one.to));
  return sold[draw % sold.length] as Product;
}
