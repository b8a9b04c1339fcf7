/** Rows are written in the order of their ids by all, so that two transactions that write the same ones do not deadlock. */
export const byBytes = (a: Uint8Array, b: Uint8Array): number => Buffer.compare(a, b);
