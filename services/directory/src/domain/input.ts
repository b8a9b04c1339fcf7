import {
  type FieldViolation,
  invalid,
  invalidFields,
  isCivilDate,
  type OrgUnitId,
  parseName,
  refuseIdentifyingText,
  requireEtag,
  type StaffId,
  staleEtag,
} from '@bankcrm/kernel';
import type { AbsenceId, Period } from './absence.ts';
import type { CertificationId } from './certification.ts';
import type { Facts } from './history.ts';
import { Reason } from './reasons.ts';
import type { Details, Post } from './staff.ts';

export const parseStaffName = (name: string, field = 'name'): StaffId => parseName('staff/*', name, field)[0] as StaffId;
export const parseOrgUnitName = (name: string, field = 'name'): OrgUnitId => parseName('orgUnits/*', name, field)[0] as OrgUnitId;

export function parseAbsenceName(name: string): [StaffId, AbsenceId] {
  return parseName('staff/*/absences/*', name, 'name') as [StaffId, AbsenceId];
}

export function parseCertificationName(name: string): [StaffId, CertificationId] {
  return parseName('staff/*/certifications/*', name, 'name') as [StaffId, CertificationId];
}

const calendarIdPattern = /^(?=.{1,32}$)[a-z0-9](?:-?[a-z0-9])*$/;

/** The id of a calendar: `cn`. */
export function parseCalendarName(name: string, field = 'name'): string {
  const [collection, id = '', ...rest] = name.split('/');
  if (collection !== 'calendars' || rest.length > 0 || !calendarIdPattern.test(id))
    throw invalid(field, 'must look like calendars/{id}', 'INVALID_RESOURCE_NAME');
  return id;
}

/** What a calendar is called. */
export function parseCalendarTitle(displayName: string): string {
  requireNone({ display_name: displayNameProblem(displayName) });
  return displayName.trim();
}

const staffNumberPattern = /^\d{6,12}$/;
const codePattern = /^(?=.{1,32}$)[A-Z0-9](?:-?[A-Z0-9])*$/;
// RFC 5321 §4.1.2 without quotes and address literals, lengths of §4.5.3.1: no looser than what Keycloak takes (EmailValidationUtil, and ASCII
// before the @ as a mail server is configured). Whether the address exists only a mail can tell.
const atom = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+";
const label = '[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?';
const emailPattern = new RegExp(`^(?=.{3,254}$)(?=[^@]{1,64}@)${atom}(?:\\.${atom})*@${label}(?:\\.${label})*$`);
const unprintable = /\p{Cc}/u;
/** Zero-width and direction characters among them: two names that look alike are one. */
const unprintableInName = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

type Problem = string | undefined;

const staffNumberProblem = (text: string): Problem => (staffNumberPattern.test(text) ? undefined : 'must be 6 to 12 digits');

const displayNameProblem = (text: string): Problem =>
  text.trim() === '' || [...text].length > 100 || unprintableInName.test(text.trim())
    ? 'must be 1 to 100 printable characters'
    : undefined;

const emailProblem = (text: string): Problem =>
  emailPattern.test(text) ? undefined : 'must be an e-mail address in plain ASCII, such as zhang.wei@bank.example';

const staffCodePattern = /^(?=.{1,32}$)[A-Za-z0-9]+(?:[-._][A-Za-z0-9]+)*$/;
const codeProblem = (text: string): Problem =>
  staffCodePattern.test(text) ? undefined : 'must be at most 32 letters and digits, joined by hyphens, dots or underscores';

const dateProblem = (text: string): Problem => (isCivilDate(text) ? undefined : 'must be a date as YYYY-MM-DD');

/** Throws INVALID with every field that has a problem. */
function requireNone(problems: Readonly<Record<string, Problem>>): void {
  const violations = Object.entries(problems).flatMap(([field, description]): FieldViolation[] =>
    description === undefined ? [] : [{ field, description }],
  );
  if (violations.length > 0) throw invalidFields(violations);
}

export interface StaffFields {
  staffNumber: string;
  displayName: string;
  email: string;
}

/** Every wrong field at once; e-mail addresses are compared in lower case. */
export function parseStaffFields({ staffNumber, displayName, email }: StaffFields): StaffFields {
  requireNone({
    staff_number: staffNumberProblem(staffNumber),
    display_name: displayNameProblem(displayName),
    email: emailProblem(email),
  });
  return { staffNumber, displayName: displayName.trim(), email: email.toLowerCase() };
}

type Said<Fields> = { [Field in keyof Fields]?: Fields[Field] | undefined };
export type EmploymentFields = Pick<Details, 'position' | 'grade' | 'joinDate'>;

/** Position, grade and date of joining, each where it is said; an empty one takes it away. */
export function parseEmployment({ position, grade, joinDate }: Said<EmploymentFields>, prefix = ''): Partial<EmploymentFields> {
  const unless = (text: string | undefined, problem: (text: string) => Problem): Problem =>
    text === undefined || text === '' ? undefined : problem(text);
  requireNone({
    [`${prefix}position`]: unless(position, codeProblem),
    [`${prefix}grade`]: unless(grade, codeProblem),
    [`${prefix}join_date`]: unless(joinDate, dateProblem),
  });
  return {
    ...(position === undefined ? {} : { position }),
    ...(grade === undefined ? {} : { grade }),
    ...(joinDate === undefined ? {} : { joinDate }),
  };
}

/** What an update says of a person; what it leaves out stays as it is. Throws INVALID where it says nothing, too. */
export function parseStaffUpdate({ displayName, email, ...employment }: Said<Details>): Partial<Details> {
  requireNone({
    'staff_member.display_name': displayName === undefined ? undefined : displayNameProblem(displayName),
    'staff_member.email': email === undefined ? undefined : emailProblem(email),
  });
  const details = {
    ...(displayName === undefined ? {} : { displayName: displayName.trim() }),
    ...(email === undefined ? {} : { email: email.toLowerCase() }),
    ...parseEmployment(employment, 'staff_member.'),
  };
  if (Object.keys(details).length === 0)
    throw invalid('staff_member', 'must have display_name, email, position, grade or join_date');
  return details;
}

const mostSkills = 50;

/** Different codes, put in their order. */
export function parseSkills(skills: readonly string[]): string[] {
  if (skills.length > mostSkills) throw invalid('skills', `must be at most ${mostSkills}`);
  requireNone(Object.fromEntries(skills.map((skill, index) => [`skills[${index}]`, codeProblem(skill)])));
  if (new Set(skills).size < skills.length) throw invalid('skills', 'must differ from one another');
  return skills.toSorted();
}

export interface OrgUnitFields {
  code: string;
  displayName: string;
}

export function parseOrgUnitFields({ code, displayName }: OrgUnitFields): OrgUnitFields {
  requireNone({
    'org_unit.code': codePattern.test(code) ? undefined : 'must be at most 32 capital letters, digits and hyphens',
    'org_unit.display_name': displayNameProblem(displayName),
  });
  return { code, displayName: displayName.trim() };
}

/** The name that an update gives a unit. */
export function parseOrgUnitUpdate({ displayName }: { displayName?: string | undefined }): string {
  if (displayName === undefined) throw invalid('org_unit', 'must have display_name');
  requireNone({ 'org_unit.display_name': displayNameProblem(displayName) });
  return displayName.trim();
}

/**
 * An update may carry the whole resource as it was read. Throws INVALID for each field that it says otherwise than it is and that an update does not
 * change; an empty text stands for a field left out.
 */
export function requireUnchanged(said: Facts, is: Facts, prefix: string): void {
  const changed = Object.keys(said).filter((field) => said[field] !== '' && said[field] !== is[field]);
  requireNone(Object.fromEntries(changed.map((field) => [`${prefix}${field}`, 'cannot be changed by an update: leave it out'])));
}

const dayMs = 86_400_000;
const longestAbsenceDays = 366;

/** A period that is not over, of at most 366 days, and who stands in. */
export function parseAbsence(
  { startTime, endTime, deputy }: { startTime: Date | undefined; endTime: Date | undefined; deputy: string },
  now: Date,
): Period & { deputyId: StaffId } {
  if (!startTime) throw invalid('absence.start_time', 'is required');
  if (!endTime) throw invalid('absence.end_time', 'is required');
  if (endTime <= now) throw invalid('absence.end_time', 'must lie in the future');
  const lengthMs = endTime.getTime() - startTime.getTime();
  if (lengthMs <= 0 || lengthMs > longestAbsenceDays * dayMs)
    throw invalid('absence.end_time', `must be after start_time, by at most ${longestAbsenceDays} days`);
  return { startTime, endTime, deputyId: parseStaffName(deputy, 'absence.deputy') };
}

export function parseCertification({ kind, validUntil }: { kind: string; validUntil: string }): {
  kind: string;
  validUntil: string;
} {
  requireNone({ 'certification.kind': codeProblem(kind), 'certification.valid_until': dateProblem(validUntil) });
  return { kind, validUntil };
}

/** One or two different posts, each with a role that people may hold. Whether the units exist is for the database to say. */
export function parsePosts(posts: readonly { orgUnit: string; role: string }[], roles: ReadonlySet<string>): Post[] {
  if (posts.length < 1 || posts.length > 2) throw invalid('posts', 'must be one or two');
  const parsed = posts.map(({ orgUnit, role }, index): Post => {
    if (!roles.has(role)) throw invalid(`posts[${index}].role`, 'must be the id of a role that people hold', Reason.unknownRole);
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
