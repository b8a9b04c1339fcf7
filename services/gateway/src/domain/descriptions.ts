/** What services say of a field, in English, and the same in Chinese. The more particular ones stand first; `$1` takes a number or a list. */
const chinese: readonly (readonly [RegExp, string])[] = [
  [/^(?:is required|must be given|must stand there)$/, '必填'],
  [/^is given twice$/, '重复填写'],
  [/^must be given once$/, '只能填写一次'],
  [/^is not a (?:field|parameter) here$/, '此处没有该字段'],
  [/^is a masked value$/, '是掩码值，请输入完整值'],
  [/^cannot be changed by an update: leave it out$/, '不能在此修改，请勿填写'],
  [/^must be an e-mail address in plain ASCII, such as (.+)$/, '须为不含中文的邮箱地址，如 $1'],
  [/^must be an e-mail address$/, '须为邮箱地址'],
  [/^must be a mobile number.*$/, '须为手机号码'],
  [/^must be (\d+) to (\d+) digits$/, '须为 $1 至 $2 位数字'],
  [/^must be (\d+) to (\d+) printable characters$/, '须为 $1 至 $2 个可见字符'],
  [/^must (?:be|have) (\d+) to (\d+) characters\b.*$/, '须为 $1 至 $2 个字符'],
  [/^must be at most (\d+) characters long$/, '不得超过 $1 个字符'],
  [/^must be at most (\d+) bytes long\b.*$/, '不得超过 $1 字节'],
  [/^must be at most 32 capital letters, digits and hyphens$/, '须为不超过 32 位的大写字母、数字和连字符'],
  [/^must be between (\S+) and (\S+)$/, '须在 $1 与 $2 之间'],
  [/^must be a whole number from (\S+) to (\S+)$/, '须为 $1 至 $2 的整数'],
  [/^must be one of:? (.+)$/, '须为下列之一：$1'],
  [/^must be one or two$/, '须为一个或两个'],
  [/^must differ from one another$/, '不得重复'],
  [/^must be a role that people hold$|^must be the id of a role.*$/, '须为员工可担任的角色'],
  [/^must (?:be an|name) existing org units?$/, '须为已有机构'],
  [/^must have display_name, email or both$/, '须填写 displayName 或 email'],
  [/^must have display_name$/, '须填写 displayName'],
  [/^must say why\b.*$/, '须说明原因'],
  [/^must not lie in the future$/, '不得晚于今天'],
  [/^must lie in the future$/, '须晚于现在'],
  [/^must be a date as YYYY-MM-DD$/, '须为日期，格式为 YYYY-MM-DD'],
  [/^must be a time such as (\S+)$/, '须为时间，如 $1'],
  [/^must be a text$/, '须为文本'],
  [/^must be a number$/, '须为数字'],
  [/^must be true or false$/, '须为 true 或 false'],
  [/^must be an object.*$/, '须为对象'],
  [/^must be a list$/, '须为列表'],
  [/^must look like (.+)$/, '格式须为 $1'],
  [/^must be empty\b.*$/, '须为空'],
  [/^must be absent\b.*$/, '不得填写'],
  [/^must contain letters or digits$/, '须包含文字或数字'],
  [/^must not contain control characters$/, '不得包含控制字符'],
  [/^must be well-formed JSON$/, '不是有效的 JSON'],
];

/** A description of a field in Chinese; undefined for one that nobody has put into Chinese yet. */
export function inChinese(description: string): string | undefined {
  const found = chinese.find(([pattern]) => pattern.test(description));
  return found && description.replace(found[0], found[1]);
}
