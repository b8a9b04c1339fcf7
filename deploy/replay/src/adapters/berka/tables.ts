import { createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { UsageError } from '@bankcrm/simulator';
import { parse } from 'csv-parse';

/** The tables this adapter reads and the columns it needs of each; a `.csv.gz`, `;` between, text in quotes. */
const tables = {
  client: { file: 'client.csv.gz', columns: ['client_id', 'birth_number', 'district_id'] },
  account: { file: 'account.csv.gz', columns: ['account_id', 'district_id', 'frequency', 'date'] },
  disp: { file: 'disp.csv.gz', columns: ['disp_id', 'client_id', 'account_id', 'type'] },
  loan: { file: 'loan.csv.gz', columns: ['loan_id', 'account_id', 'date', 'amount', 'duration', 'payments', 'status'] },
  card: { file: 'card.csv.gz', columns: ['card_id', 'disp_id', 'type', 'issued'] },
  district: { file: 'district.csv.gz', columns: ['A1', 'A2', 'A3'] },
  transaction: {
    file: 'trans_1993-01_to_1994-03.csv.gz',
    columns: ['trans_id', 'account_id', 'date', 'type', 'operation', 'amount', 'balance', 'k_symbol', 'bank', 'account'],
  },
} as const;

export type TableName = keyof typeof tables;
/** A row as it stands in the file: every value is text. */
export type Row<T extends TableName> = Record<(typeof tables)[T]['columns'][number], string>;

/** Throws `UsageError` that names the folder, or every file that is not in it. */
export function checkFiles(dir: string): void {
  if (!existsSync(dir))
    throw new UsageError(`there is no folder ${dir}. Name the one that holds the Berka tables (client.csv.gz …).`);
  const missing = Object.values(tables)
    .map(({ file }) => file)
    .filter((file) => !existsSync(join(dir, file)));
  if (missing.length > 0) throw new UsageError(`${dir} lacks ${missing.join(', ')}. All of the Berka tables must be there.`);
}

/** Streams a table's rows in the order of the file. */
export async function* rowsOf<T extends TableName>(dir: string, table: T): AsyncGenerator<Row<T>> {
  const { file, columns } = tables[table];
  const parser = parse({ delimiter: ';', columns: true, skip_empty_lines: true });
  // The parser is destroyed with whatever broke, and its iteration below throws that.
  pipeline(createReadStream(join(dir, file)), createGunzip(), parser, () => undefined);
  let checked = false;
  try {
    for await (const row of parser as AsyncIterable<Row<T>>) {
      const absent = checked ? [] : columns.filter((column) => !(column in row));
      if (absent.length > 0) throw new UsageError(`${join(dir, file)} has no column ${absent.join(', ')}.`);
      checked = true;
      yield row;
    }
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    throw new UsageError(`${join(dir, file)} cannot be read as gzipped CSV with ; between.`, { cause });
  }
}

/** A small table by key, in memory: clients, accounts and dispositions are thousands, transactions are not read so. */
export async function tableBy<T extends TableName>(dir: string, table: T, key: keyof Row<T>): Promise<Map<string, Row<T>>> {
  const rows = new Map<string, Row<T>>();
  for await (const row of rowsOf(dir, table)) rows.set(row[key], row);
  return rows;
}
