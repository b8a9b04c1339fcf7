import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { csvCells, csvLine } from './csv.ts';

const cells = ['', 'plain', 'a,b', 'say "no"', 'two\r\nlines', 'one\nmore', '中文，说明', ' blanks ', "it's", '"', ',', '#'];

describe('a line of CSV', () => {
  it('is read by others as it was meant (RFC 4180)', () => {
    expect(parse(csvLine(cells) + csvLine(['1', '2']), { record_delimiter: '\r\n', relax_column_count: true })).toEqual([
      cells,
      ['1', '2'],
    ]);
  });

  it.each(['=1+1', '+86', '-1', '@SUM(A1)', '=HYPERLINK("x","y")'])('never begins a cell with a formula: %s', (text) => {
    expect(parse(csvLine([text, 'x']))[0]).toEqual([`'${text}`, 'x']);
    expect(csvCells(csvLine([text, 'x']))).toEqual([text, 'x']);
  });

  it('is read back', () => {
    expect(csvCells(csvLine(cells))).toEqual(cells);
  });

  it.each(['a,b', 'a"b,c\r\n', '"a"b\r\n', '"open\r\n', 'a\r\nb\r\n', 'a\n'])(
    'that RFC 4180 does not know is none: %j',
    (line) => {
      expect(csvCells(line)).toBeUndefined();
    },
  );
});
