import { describe, expect, it } from 'vitest';
import { fileHeaders } from './file-headers.ts';

describe('the headers of a file', () => {
  it('say its type and that it is to be saved, under its name where it has one', () => {
    expect(fileHeaders('text/csv; charset=utf-8', 'audit-2026.csv')).toEqual({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="audit-2026.csv"',
    });
    expect(fileHeaders('application/x-ndjson', undefined)).toEqual({
      'content-type': 'application/x-ndjson',
      'content-disposition': 'attachment',
    });
  });

  it.each(['', 'csv', 'text/csv\r\nx: y', 'text/csv;', 'text/', 'text/csv, text/html'])(
    'take no content type like %j',
    (type) => {
      expect(() => fileHeaders(type, 'x.csv')).toThrow(expect.objectContaining({ kind: 'INTERNAL', reason: 'BAD_CONTENT_TYPE' }));
    },
  );

  it.each(['', '.csv', '../x', 'a"b', 'a b', 'a;b', '审计.csv', 'a\r\nb', 'x'.repeat(129)])('take no name like %j', (name) => {
    expect(() => fileHeaders('text/csv', name)).toThrow(expect.objectContaining({ kind: 'INTERNAL', reason: 'BAD_FILE_NAME' }));
  });
});
