import type { BlindIndex, FieldCrypto, KeySet, StaffDirectory } from '@bankcrm/access';
import type { KnownKeys } from './known-keys.ts';

/** What applying the stream needs besides the open transaction. */
export interface SyncDeps {
  /** Seals identifying values. */
  fields: FieldCrypto;
  index: BlindIndex;
  /** Keys of content hashes. */
  auditKeys: KeySet;
  staff: Pick<StaffDirectory, 'staffIdOf'>;
  /** Parties and accounts that PostgreSQL is known to hold. */
  known: KnownKeys;
  bankCurrency: string;
  /** Today's civil date in the bank's zone. */
  today: (now: Date) => string;
}
