import type { ErrorKind } from '@bankcrm/kernel';
import type { Language } from './language.ts';

export type Texts = Readonly<Record<Language, string>>;
const texts = (en: string, zh: string): Texts => ({ en, 'zh-CN': zh });

/** The title of every kind of error; also the detail where a reason has no text of its own. */
export const kindTitles: Readonly<Record<ErrorKind, Texts>> = {
  INVALID: texts('The request is not valid', '请求无效'),
  UNAUTHENTICATED: texts('Sign in first', '请先登录'),
  DENIED: texts('Not allowed', '没有权限'),
  NOT_FOUND: texts('Not found', '未找到'),
  ALREADY_EXISTS: texts('Already exists', '已存在'),
  REFUSED: texts('The current state does not allow this', '当前状态不允许此操作'),
  ABORTED: texts('Changed in the meantime', '数据已被他人修改'),
  EXHAUSTED: texts('A limit is used up', '已达到限额'),
  UNAVAILABLE: texts('Not available just now', '服务暂不可用'),
  DEADLINE: texts('Took too long', '处理超时'),
  INTERNAL: texts('Something went wrong on our side', '系统内部错误'),
};

/** What a person is told for a reason that only the HTTP edge gives; services declare theirs in their protos. `{name}` takes a fact from the error's metadata. */
export const edgeReasons: ReadonlyMap<string, Texts> = new Map([
  ['INVALID_JSON', texts('The body is not valid JSON in UTF-8.', '请求体不是有效的 UTF-8 JSON。')],
  ['INVALID_QUERY', texts('A query parameter cannot be read.', '查询参数无法识别。')],
  ['INVALID_IDEMPOTENCY_KEY', texts('The idempotency key is not well formed.', '幂等键格式不正确。')],
  ['IDEMPOTENCY_KEY_NOT_TAKEN', texts('This operation takes no idempotency key.', '此操作不接受幂等键。')],
  ['INVALID_IF_MATCH', texts('If-Match must name one version.', 'If-Match 必须指定一个版本。')],
  ['PRECONDITION_REQUIRED', texts('Say in If-Match which version you saw.', '请在 If-Match 中给出您看到的版本。')],
  ['BODY_TOO_LARGE', texts('The body is larger than {limit_bytes} bytes.', '请求体超过 {limit_bytes} 字节。')],
  ['BODY_TOO_DEEP', texts('The body is nested more than {limit} levels deep.', '请求体嵌套超过 {limit} 层。')],
  ['BODY_NOT_ALLOWED', texts('This operation takes no body.', '此操作不接受请求体。')],
  [
    'UNSUPPORTED_MEDIA_TYPE',
    texts('The body must be application/json, not compressed.', '请求体必须为未压缩的 application/json。'),
  ],
  ['REQUEST_HEAD_TOO_LARGE', texts('Address and headers together are too long.', '地址与请求头过长。')],
  ['REQUEST_TOO_SLOW', texts('The request did not arrive in time.', '请求未在规定时间内到达。')],
  ['EXPECTATION_FAILED', texts('The header Expect may only be 100-continue.', '请求头 Expect 只能为 100-continue。')],
  ['MALFORMED_REQUEST', texts('This is not a well-formed HTTP request.', 'HTTP 请求格式不正确。')],
  ['UNKNOWN_PATH', texts('There is nothing at this address.', '该地址不存在。')],
  [
    'METHOD_NOT_ALLOWED',
    texts(
      'This address does not take that method: the header Allow says which it takes.',
      '该地址不支持此方法，可用方法见响应头 Allow。',
    ),
  ],
  [
    'RATE_LIMITED',
    texts(
      'Too many requests: try again in {retry_after_seconds} seconds.',
      '请求过于频繁，请在 {retry_after_seconds} 秒后重试。',
    ),
  ],
]);
