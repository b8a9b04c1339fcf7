/** Most holdings of a profile, and most bytes of them together. */
const mostHoldings = 2_000;
const mostBytes = 500 * 1_024;
/** A holding takes less than this, whatever is in it: fewer of them need not be measured. */
const mostBytesOfOne = 512;

/** The first holdings that a profile has room for. */
export function holdingsWithin<T>(holdings: readonly T[], bytesOf: (holding: T) => number): readonly T[] {
  if (holdings.length * mostBytesOfOne <= mostBytes) return holdings;
  let bytes = 0;
  const beyond = holdings.findIndex((holding, index) => {
    bytes += bytesOf(holding);
    return index === mostHoldings || bytes > mostBytes;
  });
  return beyond === -1 ? holdings : holdings.slice(0, beyond);
}

/** What completeness counts; the profile's proto names the twelve of each kind. */
export interface Known {
  kind: string;
  fullName: string;
  shortName: string;
  birthDate: string | null;
  income: boolean;
  contact: boolean;
  identifier: boolean;
  fields: Readonly<Record<string, string>>;
}

const ofIndividual = [
  'gender',
  'nationality_code',
  'region_code',
  'occupation',
  'education',
  'marital_state',
  'employer',
  'risk_preference',
];
const ofOrganisation = [
  'industry_code',
  'economic_nature',
  'credit_grade',
  'qualification_grade',
  'parent_group',
  'establish_date',
  'region_code',
];

/** How many of twelve fields are known, 0 to 12. */
export function completenessOf({ kind, fullName, shortName, birthDate, income, contact, identifier, fields }: Known): number {
  const own =
    kind === 'ORGANISATION'
      ? [shortName !== '', identifier, ...ofOrganisation.map((name) => fields[name] !== undefined)]
      : [birthDate !== null, ...ofIndividual.map((name) => fields[name] !== undefined)];
  return [fullName !== '', income, contact, ...own].filter(Boolean).length;
}
