/** What a spreadsheet would take for the beginning of a formula. */
const formula = /^[=+\-@\t\r]/;
const quotable = /[",\r\n]/;

/**
 * A line of CSV with its end (RFC 4180). A cell that a spreadsheet would compute has an apostrophe before it, by which the spreadsheet takes it for text.
 */
export const csvLine = (cells: readonly string[]): string => `${cells.map(csvCell).join(',')}\r\n`;

function csvCell(text: string): string {
  const plain = formula.test(text) ? `'${text}` : text;
  return quotable.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}

/** The cells of a line, without what stands before a formula. Undefined for a line that RFC 4180 does not know. */
export function csvCells(line: string): string[] | undefined {
  const cells: string[] = [];
  let at = 0;
  do {
    cell.lastIndex = at;
    const found = cell.exec(line);
    if (found === null) return undefined;
    const text = found[1] === undefined ? found[2]! : found[1].replaceAll('""', '"');
    cells.push(formula.test(text.slice(1)) && text.startsWith("'") ? text.slice(1) : text);
    at = cell.lastIndex;
    if (line.startsWith('\r\n', at) && at + 2 === line.length) return cells;
    at += 1;
  } while (line[at - 1] === ',');
  return undefined;
}

const cell = /"((?:[^"]|"")*)"|([^",\r\n]*)/y;
