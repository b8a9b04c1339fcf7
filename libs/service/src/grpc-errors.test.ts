import { AppError, type ErrorKind, invalidFields, refused } from '@bankcrm/kernel';
import { Metadata, status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { asAppError, fromServiceError, toServiceError } from './grpc-errors.ts';

const overTheWire = (error: AppError): AppError => fromServiceError(toServiceError(error, 'trace-1'));

describe('an error between services', () => {
  it.each<[ErrorKind, status]>([
    ['INVALID', status.INVALID_ARGUMENT],
    ['UNAUTHENTICATED', status.UNAUTHENTICATED],
    ['DENIED', status.PERMISSION_DENIED],
    ['NOT_FOUND', status.NOT_FOUND],
    ['ALREADY_EXISTS', status.ALREADY_EXISTS],
    ['REFUSED', status.FAILED_PRECONDITION],
    ['ABORTED', status.ABORTED],
    ['EXHAUSTED', status.RESOURCE_EXHAUSTED],
    ['UNAVAILABLE', status.UNAVAILABLE],
    ['DEADLINE', status.DEADLINE_EXCEEDED],
  ])('of kind %s keeps kind, reason and facts', (kind, code) => {
    const error = new AppError(kind, 'SOME_REASON', { metadata: { limit: '5' } });
    expect(toServiceError(error, '').code).toBe(code);
    expect(overTheWire(error)).toMatchObject({ kind, reason: 'SOME_REASON', metadata: { limit: '5' }, fields: [] });
  });

  it('names every wrong field', () => {
    const fields = [
      { field: 'email', description: 'must be an e-mail address' },
      { field: 'posts', description: 'must be one or two' },
    ];
    expect(overTheWire(invalidFields(fields, 'INVALID_FIELD'))).toMatchObject({ kind: 'INVALID', fields });
  });

  it('of our own making shows neither reason, facts nor cause', () => {
    const secret = new AppError('INTERNAL', 'SEAL_BROKEN', {
      metadata: { id: '13800138000' },
      cause: new Error('row 13800138000'),
    });
    const sent = toServiceError(secret, 'trace-1');
    expect(sent.code).toBe(status.INTERNAL);
    expect(`${sent.message}${sent.details}${sent.stack}`).not.toMatch(/SEAL_BROKEN|13800138000/);
    const bytes = Buffer.from(sent.metadata.get('grpc-status-details-bin')[0] as Buffer).toString('latin1');
    expect(bytes).not.toMatch(/SEAL_BROKEN|13800138000/);
    expect(bytes).toContain('trace-1');
  });

  it('without details becomes what its code says', () => {
    const bare = (code: status) =>
      fromServiceError(Object.assign(new Error('x'), { code, details: '', metadata: new Metadata() }));
    expect(bare(status.UNAVAILABLE)).toMatchObject({ kind: 'UNAVAILABLE', reason: 'SERVICE_UNREACHABLE' });
    expect(bare(status.DEADLINE_EXCEEDED)).toMatchObject({ kind: 'DEADLINE' });
    expect(bare(status.CANCELLED)).toMatchObject({ kind: 'DEADLINE' });
    expect(bare(status.UNKNOWN)).toMatchObject({ kind: 'INTERNAL' });
    expect(bare(status.DATA_LOSS)).toMatchObject({ kind: 'INTERNAL' });
  });
});

describe('anything thrown', () => {
  it('is "not now" where the database or the network says so, and our fault otherwise', () => {
    const code = (text: string) => asAppError(Object.assign(new Error('x'), { code: text }));
    for (const text of ['08006', '53300', '57P01', 'ECONNREFUSED', 'ECONNRESET'])
      expect(code(text)).toMatchObject({ kind: 'UNAVAILABLE', reason: 'DATABASE_UNREACHABLE' });
    // What the driver says of a connection that broke, of none that could be had, and of an answer that never came.
    for (const text of [
      'Connection terminated unexpectedly',
      'Connection terminated due to connection timeout',
      'timeout exceeded when trying to connect',
      'Client has encountered a connection error and is not queryable',
      'Query read timeout',
    ])
      expect(asAppError(new Error(text))).toMatchObject({ kind: 'UNAVAILABLE', reason: 'DATABASE_UNREACHABLE' });
    expect(code('57014')).toMatchObject({ kind: 'DEADLINE' });
    for (const text of ['22003', '22008', '22P02'])
      expect(code(text)).toMatchObject({ kind: 'INVALID', reason: 'INVALID_FIELD' });
    for (const text of ['23505', '22012']) expect(code(text)).toMatchObject({ kind: 'INTERNAL' });
    for (const thrown of [undefined, null, 'text', 5, {}]) expect(asAppError(thrown)).toMatchObject({ kind: 'INTERNAL' });
    const own = refused('X');
    expect(asAppError(own)).toBe(own);
  });
});
