/** The customers that a message is about which could not be applied, as far as it says. */
export interface LetterSubject {
  /** Each in the spellings that may be meant. */
  parties: readonly (readonly SourceKey[])[];
  /** Their holders are concerned, too. */
  accounts: readonly SourceKey[];
  customerIds: readonly string[];
  /** The message would restrict the customer, who may be new. */
  restricts: boolean;
  /** Each party must be known: what is about a new customer is not like this, or does not say what it is. */
  isOfKnown: boolean;
}

export interface SourceKey {
  sourceSystem: string;
  sourceId: string;
}

/** A message about no customer: a rate, a count, an org unit. */
export const nobodysSubject: LetterSubject = { parties: [], accounts: [], customerIds: [], restricts: false, isOfKnown: false };
