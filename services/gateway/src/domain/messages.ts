import type { ErrorKind } from '@bankcrm/kernel';
import type { Language } from './language.ts';

type Texts = Readonly<Record<Language, string>>;
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

/** What a person is told for a reason. `{name}` takes a fact from the error's metadata. Reviewed like code. */
export const reasonDetails: ReadonlyMap<string, Texts> = new Map([
  // The request itself
  ['INVALID_FIELD', texts('A field has a value that it cannot have.', '字段的值无效。')],
  ['INVALID_JSON', texts('The body is not valid JSON in UTF-8.', '请求体不是有效的 UTF-8 JSON。')],
  ['INVALID_QUERY', texts('A query parameter cannot be read.', '查询参数无法识别。')],
  ['INVALID_RESOURCE_NAME', texts('The name of the resource is not well formed.', '资源名称格式不正确。')],
  ['INVALID_PAGE_SIZE', texts('The page size is out of range.', '每页数量超出范围。')],
  ['INVALID_PAGE_TOKEN', texts('The page token does not belong to this list.', '分页标记与此列表不符。')],
  ['INVALID_FILTER', texts('The filter cannot be read.', '筛选条件无法识别。')],
  ['INVALID_RATE', texts('The rate is not a positive decimal.', '汇率不是有效的正数。')],
  ['INVALID_IDEMPOTENCY_KEY', texts('The idempotency key is not well formed.', '幂等键格式不正确。')],
  ['IDEMPOTENCY_KEY_NOT_TAKEN', texts('This operation takes no idempotency key.', '此操作不接受幂等键。')],
  ['INVALID_IF_MATCH', texts('If-Match must name one version.', 'If-Match 必须指定一个版本。')],
  ['PRECONDITION_REQUIRED', texts('Say in If-Match which version you saw.', '请在 If-Match 中给出您看到的版本。')],
  ['IDEMPOTENCY_KEY_REUSED', texts('This idempotency key was used for another request.', '该幂等键已用于另一请求。')],
  ['BODY_TOO_LARGE', texts('The body is larger than {limit_bytes} bytes.', '请求体超过 {limit_bytes} 字节。')],
  ['BODY_TOO_DEEP', texts('The body is nested more than {limit} levels deep.', '请求体嵌套超过 {limit} 层。')],
  ['BODY_NOT_ALLOWED', texts('This operation takes no body.', '此操作不接受请求体。')],
  [
    'UNSUPPORTED_MEDIA_TYPE',
    texts('The body must be application/json, not compressed.', '请求体必须为未压缩的 application/json。'),
  ],
  ['REQUEST_HEAD_TOO_LARGE', texts('Address and headers together are too long.', '地址与请求头过长。')],
  ['REQUEST_TOO_SLOW', texts('The request did not arrive in time.', '请求未在规定时间内到达。')],
  ['MALFORMED_REQUEST', texts('This is not a well-formed HTTP request.', 'HTTP 请求格式不正确。')],
  ['UNKNOWN_PATH', texts('There is nothing at this address.', '该地址不存在。')],
  ['METHOD_NOT_ALLOWED', texts('This address does not take that method.', '该地址不支持此方法。')],
  ['INVALID_ORDER', texts('A list cannot be sorted like that.', '不支持该排序方式。')],
  ['INVALID_SELECTION', texts('Select one by name or several by reason.', '请按名称选择一个，或按原因选择一批。')],
  ['INVALID_REQUEST_ID', texts('The request id is not well formed.', '请求编号格式不正确。')],
  ['INVALID_ETAG', texts('The etag is not well formed.', '版本标记格式不正确。')],
  ['ETAG_REQUIRED', texts('Say which version you saw.', '请给出您读取的版本。')],
  ['MASKED_QUERY', texts('A masked number finds nobody: type all of it.', '掩码号码无法查询，请输入完整号码。')],
  [
    'IDENTIFYING_TEXT',
    texts('A text must not contain ID, phone, account or card numbers.', '文本中不得包含证件号、电话、账号或卡号。'),
  ],
  [
    'MASKED_VALUE',
    texts('A masked value is no new value: type all of it, or leave it out.', '掩码值不能作为新值，请输入完整值或不填。'),
  ],
  // Who is asking
  ['MISSING_TOKEN', texts('Send an access token.', '缺少访问令牌。')],
  ['INVALID_TOKEN', texts('The access token is not valid or has expired.', '访问令牌无效或已过期。')],
  ['UNKNOWN_PRINCIPAL', texts('The access token names nobody known here.', '访问令牌的主体未知。')],
  ['UNKNOWN_STAFF', texts('This staff number is not known here.', '员工号不存在。')],
  ['UNKNOWN_SERVICE', texts('This system is not known here.', '该系统未登记。')],
  ['TOKEN_WITHDRAWN', texts('Sign in again: this access token was withdrawn.', '访问令牌已被撤销，请重新登录。')],
  ['STAFF_SUSPENDED', texts('This account is suspended.', '该账号已停用。')],
  ['PERMISSION_MISSING', texts('This needs the permission {permission}.', '此操作需要权限 {permission}。')],
  ['SERVICE_ONLY', texts('Only a system may do this.', '此操作仅限系统调用。')],
  ['STAFF_ONLY', texts('Only a person may do this, no system.', '此操作仅限员工本人。')],
  [
    'FIELD_NOT_SHOWN',
    texts('What you may not see, you cannot filter or sort by: {field}.', '无权查看的字段不可用于筛选或排序：{field}。'),
  ],
  // State
  ['NOT_FOUND', texts('There is no such thing, or you may not see it.', '对象不存在，或您无权查看。')],
  ['ALREADY_EXISTS', texts('It exists already.', '对象已存在。')],
  ['ETAG_MISMATCH', texts('Somebody changed it since you read it: read it again.', '您读取后数据已被修改，请重新读取。')],
  [
    'IDEMPOTENCY_KEY_EXPIRED',
    texts('The first answer is kept no longer: send the request with a new key.', '首次结果已过期，请使用新的幂等键。'),
  ],
  ['NO_NEXT_STEP', texts('There is no next step.', '没有后续事项。')],
  ['NEXT_STEP_DONE', texts('The next step is done already.', '后续事项已完成。')],
  [
    'SEVERAL_CUSTOMERS',
    texts('Several customers have this identifier: ask for another one.', '该标识对应多个客户，请提供其他标识。'),
  ],
  ['DEAD_LETTER_NOT_WAITING', texts('The letter waits no longer: it is {state}.', '该消息已不在待处理状态：{state}。')],
  ['STILL_NOT_APPLICABLE', texts('The message could still not be applied.', '消息仍无法处理。')],
  ['UNKNOWN_TOPIC', texts('Messages of this topic are not read any more.', '该主题已不再消费。')],
  ['PARTITION_NOT_STOPPED', texts('The partition does not stand still.', '该分区未停止。')],
  ['ORG_UNIT_CODE_TAKEN', texts('Another org unit has this code.', '机构代码已被使用。')],
  ['HEAD_OFFICE_EXISTS', texts('There is a head office already.', '总行已存在。')],
  ['HEAD_OFFICE_STAYS', texts('The head office cannot be moved.', '总行不可移动。')],
  ['UNKNOWN_PARENT', texts('The parent org unit does not exist.', '上级机构不存在。')],
  ['MOVED_BELOW_ITSELF', texts('An org unit cannot be moved below itself.', '机构不可移至其下级。')],
  ['STAFF_NUMBER_TAKEN', texts('Another person has this staff number.', '员工号已被使用。')],
  ['EMAIL_TAKEN', texts('Another person has this e-mail address.', '邮箱已被使用。')],
  ['UNKNOWN_ORG_UNIT', texts('The org unit does not exist.', '机构不存在。')],
  ['UNKNOWN_ROLE', texts('The role does not exist.', '角色不存在。')],
  ['OWN_POSTS', texts('Nobody changes their own posts.', '不可修改本人岗位。')],
  ['OWN_STATE', texts('Nobody suspends or reinstates themself.', '不可停用或恢复本人账号。')],
  ['LAST_ADMIN', texts('The last administrator must stay.', '必须保留最后一名管理员。')],
  ['NOT_ACTIVE', texts('The person is not active.', '该员工不在职。')],
  ['NOT_SUSPENDED', texts('The person is not suspended.', '该员工未被停用。')],
  ['ACCOUNT_NOT_YET_MADE', texts('The account is still being made: try again shortly.', '账号仍在创建中，请稍后重试。')],
  ['ALREADY_RESTRICTED', texts('The customer is restricted already.', '该客户已受限。')],
  ['NOT_RESTRICTED', texts('The customer is not restricted.', '该客户未受限。')],
  [
    'RESTRICTED_BY_CORE',
    texts('Core banking restricts this customer: it is lifted there.', '该客户由核心系统限制，须在核心系统解除。'),
  ],
  [
    'NOT_A_PARTICIPANT',
    texts(
      'Only a participant lifts the restriction: have a colleague of compliance name you.',
      '仅参与人可解除限制，请由其他合规人员将您添加为参与人。',
    ),
  ],
  ['PARTICIPANT_EXISTS', texts('The person is a participant already.', '该员工已是参与人。')],
  [
    'NAMED_BY_CORE',
    texts('Core banking names this participant: it is removed there.', '该参与人由核心系统指定，须在核心系统移除。'),
  ],
  [
    'ID_CHECK_DIGIT',
    texts(
      'The check digit of the ID number is wrong: please compare it with the document.',
      '身份证号码校验位有误，请核对证件。',
    ),
  ],
  ['CANNOT_NAME_ONESELF', texts('Nobody names themself a participant.', '不可将本人添加为参与人。')],
  // Limits and outages
  ['RATE_LIMITED', texts('Too many requests: at most {limit} a minute.', '请求过于频繁：每分钟最多 {limit} 次。')],
  ['OVERLOADED', texts('Too much is going on just now: try again shortly.', '系统繁忙，请稍后重试。')],
  [
    'SERVICE_UNREACHABLE',
    texts('A part of the system cannot be reached: try again shortly.', '系统部分服务暂不可达，请稍后重试。'),
  ],
  ['SERVICE_TOKEN_REFUSED', texts('A part of the system cannot sign in: try again shortly.', '系统内部认证失败，请稍后重试。')],
  [
    'IDENTITY_PROVIDER_UNREACHABLE',
    texts('The sign-in service cannot be reached: try again shortly.', '登录服务暂不可达，请稍后重试。'),
  ],
  ['DATABASE_UNREACHABLE', texts('The database cannot be reached: try again shortly.', '数据库暂不可达，请稍后重试。')],
  ['KAFKA_UNREACHABLE', texts('The message stream cannot be reached: try again shortly.', '消息系统暂不可达，请稍后重试。')],
  ['DIRECTORY_SILENT', texts('Permissions cannot be checked just now: try again shortly.', '暂时无法校验权限，请稍后重试。')],
  ['REVEAL_LIMIT', texts('You have revealed as much as you may today: {limit}.', '今日明文查看次数已用完：{limit} 次。')],
  [
    'LOOK_UP_LIMIT',
    texts('You have looked up as many numbers as you may today: {limit}.', '今日号码查询次数已用完：{limit} 次。'),
  ],
  ['IDENTITY_PROVIDER_REFUSED', texts('The sign-in service refused: try again shortly.', '登录服务拒绝请求，请稍后重试。')],
  ['FEED_BEHIND', texts('The feed cannot go on from there just now: try again.', '数据流暂时落后，请重试。')],
  ['WATCHER_TOO_SLOW', texts('You read too slowly: begin again from what you have.', '读取过慢，请从已有位置重新开始。')],
  ['DEADLINE_EXCEEDED', texts('The answer took too long.', '处理超时。')],
  ['CALLER_GONE', texts('The caller left before the answer was ready.', '请求方已断开。')],
  ['STATEMENT_TOO_LONG', texts('The answer took too long: ask for less.', '处理超时，请缩小查询范围。')],
  [
    'INTERNAL',
    texts('Something went wrong on our side. Name the trace id when you report it.', '系统内部错误，报告时请提供跟踪编号。'),
  ],
]);
