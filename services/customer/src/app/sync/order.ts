/** Rows are written in the order of their ids by all, so that two transactions that write the same ones do not deadlock. */
export const byBytes = (a: Uint8Array, b: Uint8Array): number => Buffer.compare(a, b);

/** As {@link byBytes} over the first 48 bits, which derived ids do not share: compares numbers instead of calling out for each pair. */
export function sortById<T>(rows: readonly T[], idOf: (row: T) => Buffer): T[] {
  const places = rows.map((row) => ({ row, place: idOf(row).readUIntBE(0, 6) }));
  return places.sort((a, b) => a.place - b.place).map(({ row }) => row);
}
