/**
 * Surnames whose bearers read them in more ways than one, or in another way than the character is read elsewhere; the usual reading first
 * (《现代汉语词典》 7th ed., entries marked 姓; further readings after 《中国姓氏大辞典》). Digits are tones.
 */
const readings = new Map(
  `单 shan4 dan1, 種 chong2 zhong3, 种 chong2 zhong3, 秘 bi4 mi4, 谌 chen2 shen4, 諶 chen2 shen4, 單 shan4 dan1, 解 xie4 jie3, 仇 qiu2 chou2,
  查 zha1 cha2, 盖 ge3 gai4, 蓋 ge3 gai4, 朴 piao2 pu3, 曾 zeng1 ceng2, 区 ou1 qu1, 區 ou1 qu1, 覃 qin2 tan2, 乐 yue4 le4, 樂 yue4 le4,
  缪 miao4 mou2 miu4, 繆 miao4 mou2 miu4, 冼 xian3, 洗 xian3 xi3, 葛 ge3 ge2, 员 yun4 yuan2, 員 yun4 yuan2, 逄 pang2, 折 she2 zhe2, 隗 wei3 kui2,
  黑 hei1 he4, 繁 po2 fan2, 牟 mou2 mu4, 过 guo1 guo4, 過 guo1 guo4, 翟 zhai2 di2, 纪 ji3 ji4, 紀 ji3 ji4, 任 ren2 ren4, 宁 ning2 ning4,
  甯 ning4 ning2, 华 hua4 hua2, 華 hua4 hua2, 应 ying1 ying4, 應 ying1 ying4, 都 du1 dou1, 相 xiang4 xiang1, 召 shao4 zhao4, 郗 xi1 chi1,
  贲 ben1 bi4, 賁 ben1 bi4, 句 gou1 ju4, 勾 gou1 gou4, 么 yao1 me5, 幺 yao1, 那 na1 na4, 车 che1 ju1, 車 che1 ju1, 燕 yan1 yan4, 叶 ye4 xie2,
  柏 bai3 bo2, 佴 nai4 er4, 郇 xun2 huan2, 炅 gui4 jiong3, 炔 gui4 que1, 宿 su4 xiu3, 瞿 qu2 ju4, 祭 zhai4 ji4, 於 yu1 yu2 wu1, 訾 zi1 zi3,
  行 xing2 hang2, 占 zhan1 zhan4, 莘 shen1 xin1, 褚 chu3 zhu3, 哈 ha3 ha1, 撒 sa4 sa3, 少 shao4 shao3, 晁 chao2 zhao1, 薄 bo2 bao2, 尉 wei4 yu4,
  万 wan4 mo4, 曲 qu1 qu3, 要 yao1 yao4, 费 fei4 bi4, 費 fei4 bi4, 干 gan1 gan4, 观 guan4 guan1, 冠 guan4 guan1,
  监 jian4 jian1, 强 qiang2 jiang4, 乜 nie4 mie1, 能 nai4 neng2, 粘 nian2 zhan1, 阙 que1 que4, 闕 que1 que4, 藏 cang2 zang1, 笮 ze2 zuo2,
  率 shuai4 lv4, 隽 juan4 jun4, 雋 juan4 jun4, 颉 xie2 jie2, 頡 xie2 jie2, 丌 ji1 qi2, 番 pan1 fan1, 泌 bi4 mi4, 呙 guo1 wo1, 咼 guo1 wo1,
  钭 tou3 dou3, 鈄 tou3 dou3, 仝 tong2 quan2, 盛 sheng4 cheng2, 逢 pang2 feng2, 铫 yao2 diao4, 适 kuo4 shi4,
  宓 mi4 fu2, 镡 chan2 tan2 xin2, 没 mo4 mei2, 给 ji3 gei3, 降 jiang4 xiang2, 蔚 yu4 wei4, 重 chong2 zhong4, 朝 chao2 zhao1, 奇 qi2 ji1,
  仡 yi4 ge1, 郄 qie4 xi4, 乘 cheng2 sheng4, 卡 ka3 qia3,
  角 jue2 jiao3, 俞 yu2 shu4, 冯 feng2 ping2, 佘 she2, 厍 she4, 逯 lu4, 仉 zhang3, 眭 sui1, 亓 qi2, 妫 gui1, 啜 chuai4 chuo4,
  尉迟 yu4-chi2 wei4-chi2, 尉遲 yu4-chi2 wei4-chi2, 万俟 mo4-qi2 wan4-si4, 長孫 zhang3-sun1 chang2-sun1, 长孙 zhang3-sun1 chang2-sun1,
  单于 chan2-yu2 shan4-yu2 dan1-yu2, 澹台 tan2-tai2 dan4-tai2, 乐正 yue4-zheng4 le4-zheng4, 令狐 ling2-hu2, 鲜于 xian1-yu2,
  夏侯 xia4-hou2, 皇甫 huang2-fu3 huang2-pu3, 拓跋 tuo4-ba2 ta4-ba2, 宰父 zai3-fu3`
    .split(',')
    .map((entry): [string, string[][]] => {
      const [surname, ...ways] = entry.trim().split(' ');
      return [surname!, ways.map((way) => way.split('-'))];
    }),
);

/** Surnames of two characters that are in use (《百家姓》, 《中国姓氏大辞典》). */
const compound = new Set(
  (
    '欧阳 太史 端木 上官 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟 公羊 赫连 澹台 皇甫 宗政 濮阳 公冶 太叔 申屠 公孙 慕容 仲孙 钟离 长孙 宇文 司徒 ' +
    '鲜于 司空 闾丘 子车 亓官 司寇 巫马 公西 颛孙 壤驷 公良 漆雕 乐正 宰父 谷梁 拓跋 夹谷 轩辕 令狐 段干 百里 呼延 东郭 南门 羊舌 微生 梁丘 左丘 东门 ' +
    '西门 第五 单于 完颜 纳兰 叶赫 歐陽 司馬 諸葛 尉遲 長孫'
  ).split(' '),
);

/** How many characters of a Chinese person's name are the surname: 1 or 2; of a name of two characters always the first. */
export const surnameLength = (characters: readonly string[]): 1 | 2 =>
  characters.length > 2 && compound.has(characters.slice(0, 2).join('')) ? 2 : 1;

/** The ways in which bearers read a surname, the usual one first, as syllables with tones; empty where the character's own reading is the surname's. */
export const surnameReadings = (surname: string): readonly (readonly string[])[] => readings.get(surname) ?? [];
