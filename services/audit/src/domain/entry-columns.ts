/** What is found of an entry: columns made from the bytes received, and from nothing else, so that whoever verifies can make them again. */
export interface EntryIndex {
  entryId: string;
  service: string;
  number: bigint;
  eventTime: Date;
  actor: string;
  operation: string;
  customerId: string | null;
  /** Of `Decision`. */
  decision: number;
  reason: string;
  highPrivilege: boolean;
  /** A field of this class was shown or changed. */
  identifying: boolean;
  financial: boolean;
  /** False: the bytes are no entry. All other columns are empty then. */
  readable: boolean;
}

/** Stands for a time that an entry does not tell. */
export const noTime = new Date(0);

/** A column in an index takes some 2,700 bytes. */
export const maxTextLength = 500;
