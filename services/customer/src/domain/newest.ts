/** A snapshot in its place among others of the same thing. */
export interface Versioned {
  version: bigint;
  /** An answer to a request for repair: counts even at a version already seen. */
  repair: boolean;
}

/** Whether a snapshot takes the place of what is known: newer, or a repair of the same version that says something else. */
export function supersedes(
  next: Versioned & { contentHash: Uint8Array },
  known: { version: bigint; contentHash: Uint8Array | null } | undefined,
): boolean {
  if (known === undefined || next.version > known.version) return true;
  return (
    next.version === known.version && next.repair && (known.contentHash === null || !isEqual(next.contentHash, known.contentHash))
  );
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

/** The newest snapshot of each thing in a set, in the order of arrival; among equal versions the last repair, or else the first. */
export function newestByKey<T extends Versioned>(snapshots: Iterable<T>, keyOf: (snapshot: T) => string): Map<string, T> {
  const newest = new Map<string, T>();
  for (const snapshot of snapshots) {
    const key = keyOf(snapshot);
    const known = newest.get(key);
    if (known === undefined || snapshot.version > known.version || (snapshot.version === known.version && snapshot.repair))
      newest.set(key, snapshot);
  }
  return newest;
}
