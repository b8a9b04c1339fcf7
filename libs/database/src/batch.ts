import * as columns from './columns.ts';

const writers = {
  uuid: columns.uuids,
  text: columns.texts,
  int8: columns.int8s,
  int4: columns.int4s,
  bool: columns.bools,
  timestamptz: columns.timestamps,
  date: columns.dates,
  bytea: columns.byteas,
} as const;

/** What each type is written from. */
interface Values {
  uuid: Buffer | string;
  text: string;
  int8: bigint;
  int4: number;
  bool: boolean;
  timestamptz: Date;
  date: string;
  bytea: Uint8Array;
}
type TypesFor<Value> = { [Type in keyof Values]: NonNullable<Value> extends Values[Type] ? Type : never }[keyof Values];

/**
 * The parameters of a statement that writes a set: of each property named, in that order, its values as an array for `unnest($1::uuid[], $2::text[] …)`.
 * Null and undefined stand for NULL.
 */
export function batch<Row extends object>(
  rows: readonly Row[],
  types: { readonly [Name in keyof Row]?: TypesFor<Row[Name]> },
): Buffer[] {
  return Object.entries(types as Record<string, keyof Values>).map(([name, type]) => {
    const write = writers[type] as (rows: readonly Row[], read: (row: Row) => unknown) => Buffer;
    return write(rows, (row) => row[name as keyof Row] ?? null);
  });
}
