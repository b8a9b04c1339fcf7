/** The newest of the states of each thing in a set, in the order of their keys, in which all lock rows; among equal ones the first. */
export function newestBySequence<T extends { sequence: bigint }>(states: Iterable<T>, keyOf: (state: T) => string): T[] {
  const newest = new Map<string, T>();
  for (const state of states) {
    const known = newest.get(keyOf(state));
    if (known === undefined || state.sequence > known.sequence) newest.set(keyOf(state), state);
  }
  return [...newest].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, state]) => state);
}
