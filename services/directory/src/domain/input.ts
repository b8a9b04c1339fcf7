import {
  type FieldViolation,
  invalid,
  invalidFields,
  type OrgUnitId,
  parseName,
  refuseIdentifyingText,
  requireEtag,
  type StaffId,
  staleEtag,
} from '@bankcrm/kernel';
import { Reason } from './reasons.ts';
import type { Post } from './staff.ts';

export const parseStaffName = (name: string, field = 'name'): StaffId => parseName('staff/*', name, field)[0] as StaffId;
export const parseOrgUnitName = (name: string, field = 'name'): OrgUnitId => parseName('orgUnits/*', name, field)[0] as OrgUnitId;

const staffNumberPattern = /^\d{6,12}$/;
const codePattern = /^(?=.{1,32}$)[A-Z0-9](?:-?[A-Z0-9])*$/;
// The shape of an address (RFC 5321 §4.5.3.1 for the lengths); whether it exists only a mail can tell.
const emailPattern = /^(?=.{3,254}$)[^\s\p{Cc}@<>()",:;\\[\]]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/u;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for.
const unprintable = /[\u0000-\u001f\u007f]/;

const displayNameProblem = (text: string): string | undefined =>
  text.trim() === '' || [...text].length > 100 || unprintable.test(text) ? 'must be 1 to 100 printable characters' : undefined;

export interface StaffFields {
  staffNumber: string;
  displayName: string;
  email: string;
}

/** Every wrong field at once; e-mail addresses are compared in lower case. */
export function parseStaffFields(fields: StaffFields, prefix = ''): StaffFields {
  const violations: FieldViolation[] = [];
  const check = (ok: boolean, field: string, description: string): void => {
    if (!ok) violations.push({ field: `${prefix}${field}`, description });
  };
  const nameProblem = displayNameProblem(fields.displayName);
  check(staffNumberPattern.test(fields.staffNumber), 'staff_number', 'must be 6 to 12 digits');
  check(nameProblem === undefined, 'display_name', nameProblem ?? '');
  check(emailPattern.test(fields.email), 'email', 'must be an e-mail address');
  if (violations.length > 0) throw invalidFields(violations);
  return { ...fields, displayName: fields.displayName.trim(), email: fields.email.toLowerCase() };
}

export interface OrgUnitFields {
  code: string;
  displayName: string;
}

export function parseOrgUnitFields(fields: OrgUnitFields): OrgUnitFields {
  const violations: FieldViolation[] = [];
  if (!codePattern.test(fields.code))
    violations.push({ field: 'org_unit.code', description: 'must be at most 32 capital letters, digits and hyphens' });
  const nameProblem = displayNameProblem(fields.displayName);
  if (nameProblem) violations.push({ field: 'org_unit.display_name', description: nameProblem });
  if (violations.length > 0) throw invalidFields(violations);
  return { code: fields.code, displayName: fields.displayName.trim() };
}

/** One or two different posts, each with a role of the permission table. Whether the units exist is for the database to say. */
export function parsePosts(posts: readonly { orgUnit: string; role: string }[], roles: ReadonlySet<string>): Post[] {
  if (posts.length < 1 || posts.length > 2) throw invalid('posts', 'must be one or two');
  const parsed = posts.map(({ orgUnit, role }, index): Post => {
    if (!roles.has(role)) throw invalid(`posts[${index}].role`, 'must be the id of a role', Reason.unknownRole);
    return { orgUnitId: parseOrgUnitName(orgUnit, `posts[${index}].org_unit`), role };
  });
  const [first, second] = parsed;
  if (second && first!.orgUnitId === second.orgUnitId && first!.role === second.role)
    throw invalid('posts', 'must differ from one another');
  return parsed;
}

/** A post names a unit that does not exist. */
export const unknownOrgUnit = () => invalid('posts', 'must name existing org units', Reason.unknownOrgUnit);

/** Why a state was changed: a code or a few words for the audit log, which keeps them for ever. Throws INVALID for an identifying number, too. */
export function parseReason(reason: string): string {
  const text = reason.trim();
  if (text === '' || [...text].length > 200 || unprintable.test(text))
    throw invalid('reason', 'must be 1 to 200 printable characters');
  refuseIdentifyingText('reason', text);
  return text;
}

export const etagOf = ({ version }: { version: number }): string => String(version);

/** Throws ABORTED when the caller saw another version, INVALID when the etag is missing. */
export function requireCurrent(current: { version: number }, etag: string, field = 'etag'): void {
  requireEtag(etag, field);
  matchEtag(current, etag);
}

/** As {@link requireCurrent} where an etag is said, for acts that must not wait for somebody to read first. */
export function matchEtag(current: { version: number }, etag: string): void {
  if (etag !== '' && etag !== etagOf(current)) throw staleEtag();
}
