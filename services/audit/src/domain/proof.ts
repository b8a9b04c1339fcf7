/** A proof as it is written to a file. Bytes are Base64, numbers of 64 bits texts. */
export interface Proof {
  format: 'bankcrm audit proof v1';
  entry: {
    name: string;
    /** The bytes as they were received: what was hashed. */
    received: string;
    shard: number;
    position: string;
    /** For reading only: the check reads `received`. */
    read: unknown;
  };
  /** The batch that holds the entry, and the path from the entry to its root. */
  batch: { firstPosition: string; size: number; root: string; previous: string; path: string[] };
  /** The head that covers the batch, and the path from the batch, so many batches into the tree, to the head's root. */
  head: SignedText & { index: string; path: string[] };
  /** The newest anchored head, and what proves that its tree begins with that of the head before. */
  newest: SignedText & { path: string[] };
}

/** A signed head, bytes in Base64. */
export interface SignedText {
  head: string;
  signature: string;
  keyVersion: number;
}
