/** The customers that a message that could not be applied is about, as far as it says. */
export interface LetterSubject {
  parties: readonly SourceKey[];
  /** Their holders are concerned, too. */
  accounts: readonly SourceKey[];
  customerIds: readonly string[];
  /** The message would restrict the customer, who may be nobody yet. */
  restricts: boolean;
}

export interface SourceKey {
  sourceSystem: string;
  sourceId: string;
}

/** A message about no customer: a rate, a count, an org unit. */
export const nobodysSubject: LetterSubject = { parties: [], accounts: [], customerIds: [], restricts: false };
