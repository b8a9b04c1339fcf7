/** A letter in the place of a number: what stands before and after it is not joined. */
const gone = ' 数 ';
/** Of a pattern: signs that stand between digits, none of them a letter. */
export const signs = String.raw`[^\p{L}\p{N}]*`;
const alone = (pattern: string): RegExp => new RegExp(`(?<!\\d${signs})(?:${pattern})(?!${signs}\\d)`, 'gu');

const date = String.raw`(?<!\d)(?:19|20)\d{2}[-/.年](?:0?[1-9]|1[0-2])[-/.月](?:[12]\d|3[01]|0?[1-9])(?:[日号]|(?![日号]))(?!\d)`;
/** A date after six digits and before four belongs to an ID number. */
const dates = [
  new RegExp(`(?<!(?:\\d${signs}){6})${date}`, 'gu'),
  new RegExp(`${date}(?!${signs}(?:\\d${signs}){3}[\\dX])`, 'giu'),
];

/** Texts of numbers that identify nobody although their digits, put together, might. */
const ordinary = [
  // 10:30, 10:30:15
  /(?<![\d:])(?:[01]?\d|2[0-4]):[0-5]\d(?::[0-5]\d)?(?![\d:])/g,
  // 20261129-0001, 2026-1129-0042: a ticket of a day.
  alone(String.raw`20\d{2}[-/]?(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])[-_/]\d{1,6}`),
  // 2025, 2026, 2027
  alone(String.raw`(?:19|20)\d{2}(?:\s?[-/~,、\s]\s?(?:19|20)\d{2})+`),
  // 5,000,000.00, 5 000 000.00
  /(?<![\d,.])\d{1,3}(?:,\d{3}){1,4}(?:\.\d+)?(?!\d|,\d)/g,
  /(?<![\d.])[1-9]\d{0,2}(?: \d{3}){1,4}\.\d{2}(?![\d.])/g,
  // 138.50, in a row too
  /(?<![\d.])(?:0|[1-9]\d{0,11})\.\d{1,2}(?!\d|\.\d)/g,
  // 3.8525%
  /(?<![\d.])\d{1,3}(?:\.\d{1,6})?\s?[%‰](?!\d)/g,
  // $100 – $200
  /(?<!\d)[$€£¥]\s?\d{1,9}(?![^\p{L}\p{N}$€£¥]*\d)/gu,
];

/** 150, 2000, 3000 元. */
const withUnit =
  /(?<!\d)[1-9]\d{0,5}(?:[,、;]\s?[1-9]\d{0,5})+(?=\s?(?:元|万|亿|美元|港元|欧元|笔|份|股|克|天|期|个|CNY|RMB|USD|HKD|EUR))/g;

const row = (number: string, least: number): RegExp => alone(String.raw`${number}(?:[^\p{L}\p{N}]+${number}){${least - 1},}`);
/** 10000 20000 300000; 7.1234 7.1311 7.1402. */
const amounts = [row(String.raw`[1-9]\d{0,6}00`, 2), row(String.raw`(?:0|[1-9]\d{0,2})\.\d{3,6}`, 2)];
/** 3/6/12/24/36/60/120, where each is more than the one before. */
const steps = row(String.raw`[1-9]\d{0,2}`, 4);

const date15 = String.raw`\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])`;
const identifying = new RegExp(
  String.raw`^(?:(?:86)?1[3-9]\d{9}|62\d{14,17}|4\d{15}|5[1-5]\d{14}|[1-6]\d{5}(?:${date15}\d{3}|(?:19|20)${date15}\d{4}))$`,
);
/** Of a mobile, a card or a resident's ID; whole millions are amounts. */
const isIdentifying = (digits: string): boolean => identifying.test(digits) && !digits.endsWith('000000');
const digitsOf = (found: string): string => found.replaceAll(/\D/g, '');

const oneNumber = String.raw`(?:\d{1,3}(?:,\d{3})+|[1-9]\d{0,2}(?: \d{3})+(?=\.)|0|[1-9]\d*)(?:\.\d+)?`;
const numbers = new RegExp(String.raw`^${oneNumber}(?:\s?[,、;]\s?${oneNumber})*$`, 'u');
const digitRun = new RegExp(String.raw`\d(?:${signs}\d)*`, 'gu');

/** The digits alone of a run that is no list of numbers and makes one identifying number: `13.80 01.38 00.0`, or with a time's minutes, `10:13 800138000`. */
function joinedIfIdentifying(run: string): string {
  if (numbers.test(run)) return run;
  const [, behind] = /^\d{1,2}:(?=[0-5]\d(?!\d))(.*)$/su.exec(run) ?? [];
  if (behind?.includes(':')) return run;
  const digits = digitsOf(behind ?? run);
  return isIdentifying(digits) ? digits : run;
}

/** Whether numbers between signs are a list of separate ones: rising or round ones, or near ones as of rooms (0301, 0302, 0305). */
export function isList(run: string): boolean {
  const numbers = run.split(/\D+/);
  if (numbers.some((number) => /^0\d/.test(number)))
    return isRising(run) && numbers.every((number, at) => at === 0 || Number(number) < Number(numbers[at - 1]) + 100);
  return isRising(run) || numbers.every((number) => number.endsWith('0'));
}

const isRising = (found: string): boolean =>
  found
    .split(/\D+/)
    .map(Number)
    .every((number, at, all) => at === 0 || number > all[at - 1]!);

/** A text without its dates, times, amounts, rates and rows of such. */
export function withoutOrdinaryNumbers(text: string): string {
  let rest = text;
  for (const pattern of dates) rest = rest.replaceAll(pattern, gone);
  rest = rest.replaceAll(digitRun, joinedIfIdentifying);
  for (const pattern of ordinary)
    rest = rest.replaceAll(pattern, (found) => {
      const whole = digitsOf(found.replace(/\.\d+\D*$/, ''));
      return isIdentifying(whole) ? whole : gone;
    });
  rest = rest.replaceAll(withUnit, gone);
  for (const pattern of amounts) rest = rest.replaceAll(pattern, (found) => (isIdentifying(digitsOf(found)) ? found : gone));
  return rest.replaceAll(steps, (found) => (isRising(found) && !isIdentifying(digitsOf(found)) ? gone : found));
}
