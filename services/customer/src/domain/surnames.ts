/** Surnames of two characters that are in use (《百家姓》, 《中国姓氏大辞典》). */
const compound = new Set(
  (
    '欧阳 太史 端木 上官 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟 公羊 赫连 澹台 皇甫 宗政 濮阳 公冶 太叔 申屠 公孙 慕容 仲孙 钟离 长孙 宇文 司徒 ' +
    '鲜于 司空 闾丘 子车 亓官 司寇 巫马 公西 颛孙 壤驷 公良 漆雕 乐正 宰父 谷梁 拓跋 夹谷 轩辕 令狐 段干 百里 呼延 东郭 南门 羊舌 微生 梁丘 左丘 东门 ' +
    '西门 第五 单于 完颜 纳兰 叶赫 歐陽 司馬 諸葛 尉遲'
  ).split(' '),
);

/** How many characters of a Chinese person's name are the surname: 1 or 2; of a name of two characters always the first. */
export const surnameLength = (characters: readonly string[]): 1 | 2 =>
  characters.length > 2 && compound.has(characters.slice(0, 2).join('')) ? 2 : 1;
