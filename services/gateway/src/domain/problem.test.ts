import { AppError } from '@bankcrm/kernel';
import { describe, expect, it } from 'vitest';
import { reasonTexts } from '../app/reasons.ts';
import { problemOf as problemWith, retryAfterSeconds } from './problem.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const problemOf = (error: AppError, language: 'en' | 'zh-CN') => problemWith(error, language, traceId, reasonTexts);

describe('a problem document', () => {
  it('of an internal error says nothing but its trace id', () => {
    const error = new AppError('INTERNAL', 'SEAL_BROKEN', {
      metadata: { table: 'customer.identifier' },
      fields: [{ field: 'phone', description: '13800138000' }],
      cause: new Error('13800138000'),
    });
    expect(problemOf(error, 'en')).toEqual({
      type: 'urn:bankcrm:problem:internal',
      title: 'Something went wrong on our side',
      status: 500,
      detail: 'Something went wrong on our side. Name the trace id when you report it.',
      reason: 'INTERNAL',
      trace_id: traceId,
    });
  });

  it('puts the facts of a refusal into its text and beside it', () => {
    const error = new AppError('EXHAUSTED', 'REVEAL_LIMIT', { metadata: { limit: '50' } });
    expect(problemOf(error, 'zh-CN')).toMatchObject({
      status: 429,
      detail: '今日明文查看次数已用完：50 次。',
      metadata: { limit: '50' },
    });
  });

  it('leaves an ellipsis for a fact that was not given, whatever its name', () => {
    const error = new AppError('EXHAUSTED', 'REVEAL_LIMIT');
    expect(problemOf(error, 'en').detail).toBe('You have revealed as much as you may today: ….');
  });

  it('of a reason without a text falls back to its kind', () => {
    expect(problemOf(new AppError('REFUSED', 'NEVER_HEARD_OF'), 'en')).toMatchObject({
      status: 409,
      detail: 'The current state does not allow this',
      reason: 'NEVER_HEARD_OF',
    });
  });

  it.each([
    ['en', 'must be an e-mail address', 'email: must be an e-mail address'],
    ['zh-CN', 'must be an e-mail address', 'email：须为邮箱地址'],
    ['zh-CN', 'must be 6 to 12 digits', 'email：须为 6 至 12 位数字'],
    ['zh-CN', 'must be one of A, B', 'email：须为下列之一：A, B'],
    ['zh-CN', 'must be absent or equal to requestId', 'email：须不填，或与 requestId 一致'],
    ['zh-CN', 'state is one of ACTIVE, DORMANT', 'email：state 须为下列之一：ACTIVE, DORMANT'],
    ['zh-CN', 'kind takes =', 'email：kind 可用的运算符：='],
    ['zh-CN', 'next_birthday takes a date as "YYYY-MM-DD"', 'email：next_birthday 须为日期，格式为 "YYYY-MM-DD"'],
    ['zh-CN', 'never put into Chinese', 'email：填写的内容有误。'],
  ] as const)('says first which field to change, and to what (%s: %s)', (language, description, detail) => {
    const fields = [
      { field: 'email', description },
      { field: 'posts', description: 'must be one or two' },
    ];
    expect(problemOf(new AppError('INVALID', 'INVALID_FIELD', { fields }), language).detail).toBe(detail);
  });

  it('shows at most twenty fields', () => {
    const fields = Array.from({ length: 30 }, (_, index) => ({ field: `f${index}`, description: 'is wrong' }));
    const problem = problemOf(new AppError('INVALID', 'INVALID_FIELD', { fields }), 'en');
    expect(problem.fields).toHaveLength(20);
    expect(problem.field).toBe('f0');
  });
});

describe('when to try again', () => {
  it.each([
    [new AppError('UNAVAILABLE', 'SERVICE_UNREACHABLE'), 1],
    [new AppError('EXHAUSTED', 'OVERLOADED'), 1],
    [new AppError('EXHAUSTED', 'RATE_LIMITED', { metadata: { retry_after_seconds: '17' } }), 17],
    [new AppError('EXHAUSTED', 'REVEAL_LIMIT'), undefined],
    [new AppError('REFUSED', 'X', { metadata: { retry_after_seconds: 'soon' } }), undefined],
  ])('%s is answered with %s', (error, seconds) => {
    expect(retryAfterSeconds(error)).toBe(seconds);
  });
});
