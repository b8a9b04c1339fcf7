/**
 * Which source is believed for which field: the one reviewed table. A source earlier in the list wins; one that is not in it comes after
 * all that are; among equals the newest wins. `manual` is what staff have written: it stands first where the person knows better than the
 * core, and does not appear where the core's papers decide.
 */
const papers = ['core', 'credit', 'card', 'wealth'] as const;
const people = ['manual', 'core', 'credit', 'card', 'wealth'] as const;

export const fieldPriorities = {
  kind: papers,
  full_name: papers,
  birth_date: papers,
  gender: papers,
  nationality_code: papers,
  establish_date: papers,
  registered_capital: papers,
  industry_code: papers,
  economic_nature: papers,
  // The credit system grades; the core repeats it.
  credit_grade: ['credit', 'core', 'card', 'wealth'],
  credit_score: ['credit', 'core', 'card', 'wealth'],
  qualification_grade: papers,
  parent_group: papers,
  // Asked when wealth is sold.
  risk_preference: ['manual', 'wealth', 'core', 'credit', 'card'],
  annual_income: ['credit', 'core', 'card', 'wealth'],
  short_name: people,
  occupation: people,
  education: people,
  marital_state: people,
  employer: people,
  family: people,
  region_code: people,
  home_org_unit_code: papers,
  segment: papers,
  rm_staff_number: papers,
  kyc: papers,
} as const satisfies Record<string, readonly string[]>;

export type GoldenField = keyof typeof fieldPriorities;

/** Fields that staff may supplement. */
export const supplementedFields: readonly GoldenField[] = (Object.keys(fieldPriorities) as GoldenField[]).filter((field) =>
  (fieldPriorities[field] as readonly string[]).includes('manual'),
);

/** Place of a source for a field: lower is believed more. */
export function rankOf(field: GoldenField, source: string): number {
  const order: readonly string[] = fieldPriorities[field];
  const place = order.indexOf(source);
  return place < 0 ? order.length : place;
}
