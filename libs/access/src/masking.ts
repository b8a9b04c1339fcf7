/**
 * What is shown of an identifying value to callers without `reveal`. Rows keep the masked form beside the sealed value,
 * so that lists and views need no key.
 */
const stars = (count: number): string => '*'.repeat(count);
const tail = (value: string, count: number): string => value.slice(-count);

/** `138****1234`; a number too short to keep both ends shows its last two digits. */
export function maskPhone(value: string): string {
  if (value.length >= 11) return `${value.slice(0, 3)}****${tail(value, 4)}`;
  return stars(Math.max(value.length - 2, 4)) + tail(value, 2);
}

/** The last four; the birth date is on the profile, so the usual first six would give the whole number away. */
export const maskIdNumber = (value: string): string =>
  stars(Math.max(value.length - 4, 4)) + tail(value, value.length > 8 ? 4 : 2);

/** Twelve stars whatever the length, and the last four. */
export const maskAccountNumber = (value: string): string => stars(12) + tail(value, value.length > 8 ? 4 : 2);

/** `z***@example.com` */
export function maskEmail(value: string): string {
  const at = value.lastIndexOf('@');
  return at < 1 ? '***' : `${[...value][0]}***${value.slice(at)}`;
}

/** Surnames of two characters, of which the name mask keeps both. */
const compoundSurnames = new Set(
  '欧阳 太史 端木 上官 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟 公羊 赫连 澹台 皇甫 宗政 濮阳 公冶 太叔 申屠 公孙 慕容 仲孙 钟离 长孙 宇文 司徒 鲜于 司空 闾丘 子车 亓官 司寇 巫马 公西 颛孙 壤驷 公良 漆雕 乐正 宰父 谷梁 拓跋 夹谷 轩辕 令狐 段干 百里 呼延 东郭 南门 羊舌 微生 梁丘 左丘 东门 西门 第五'.split(
    ' ',
  ),
);

/** `张*`, `欧阳*`, `Z*`: for people outside the caller's scope. */
export function maskName(value: string): string {
  const characters = [...value];
  const surname = characters.slice(0, 2).join('');
  return characters.length > 2 && compoundSurnames.has(surname) ? `${surname}*` : `${characters[0] ?? ''}*`;
}

/** A value that was shown masked and now comes back is no new value: masks contain runs of stars, real values do not. */
export const looksMasked = (value: string): boolean => /\*{2,}|^.{1,2}\*$/u.test(value);
