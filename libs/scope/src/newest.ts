/** Of messages with one key the one with the highest sequence, in the order of the keys: rows are locked in one order by all. */
export function newestByKey<T extends { sequence: bigint }>(messages: readonly T[], keyOf: (message: T) => string): T[] {
  const newest = new Map<string, T>();
  for (const message of messages)
    if (message.sequence > (newest.get(keyOf(message))?.sequence ?? -1n)) newest.set(keyOf(message), message);
  return [...newest].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, message]) => message);
}
