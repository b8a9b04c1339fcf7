/**
 * Fields that a correction leaves as they were received, by kind of message: what the message is about, which version of it, who sees the customer, and
 * by what a customer is found. Another value of one of these takes a new message of the source. Kinds that are not listed are not corrected at all.
 */
export const keptFields = {
  customer: [
    'source_system',
    'source_id',
    'version',
    'repair',
    'restricted',
    'home_branch_code',
    'rm_staff_number',
    'segment',
    'identifiers',
    'contacts',
  ],
  account: ['source_system', 'source_id', 'version', 'repair', 'holders', 'number', 'branch_code', 'linked_account_source_id'],
  transaction: [
    'source_system',
    'transaction_id',
    'account_source_id',
    'customer_source_id',
    'sequence',
    'counterparty_account',
    'reverses_transaction_id',
  ],
  product: ['source_system', 'product_code', 'version', 'repair'],
  rate: ['source_system', 'base_currency_code', 'quote_currency_code', 'rate_date', 'version'],
} as const satisfies Record<string, readonly string[]>;

export type CorrectableKind = keyof typeof keptFields;

export const isCorrectable = (kind: string): kind is CorrectableKind => Object.hasOwn(keptFields, kind);

/** Encoded fields of a message by name; undefined for one that cannot be read. */
export type KeptValues = ReadonlyMap<string, Buffer | undefined>;

export interface ChangedField {
  field: string;
  /** What was received cannot be read, so it cannot be kept. */
  isUnreadable: boolean;
}

/** The first field of the second message that is not as in the first; undefined where all are. */
export function changedField(received: KeptValues, corrected: KeptValues): ChangedField | undefined {
  for (const [field, value] of received) {
    if (value === undefined) return { field, isUnreadable: true };
    if (!corrected.get(field)?.equals(value)) return { field, isUnreadable: false };
  }
  return undefined;
}
