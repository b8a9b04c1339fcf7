import { denied, type OrgUnitId, refused, type StaffId } from '@bankcrm/kernel';
import { Reason } from './reasons.ts';

export const staffStates = ['ACTIVE', 'SUSPENDED', 'LEFT'] as const;
export type StaffState = (typeof staffStates)[number];

export interface Post {
  orgUnitId: OrgUnitId;
  /** Id of a role in the permission table. */
  role: string;
}

export interface StaffMember {
  staffId: StaffId;
  staffNumber: string;
  displayName: string;
  email: string;
  state: StaffState;
  /** Tokens issued before are refused, after a reinstatement too. */
  notBefore: Date | null;
  /** One or two; none of somebody who has left. */
  posts: readonly Post[];
  /** Code; empty where none is known. */
  position: string;
  /** Code; empty where none is known. */
  grade: string;
  /** `YYYY-MM-DD`; empty where it is not known. */
  joinDate: string;
  /** Codes in their order. */
  skills: readonly string[];
  leaveTime: Date | null;
  version: number;
  revision: bigint;
  createTime: Date;
  updateTime: Date;
}

/** What an update changes. */
export type Details = Pick<StaffMember, 'displayName' | 'email' | 'position' | 'grade' | 'joinDate'>;

export type NewStaffMember = Pick<StaffMember, 'staffId' | 'staffNumber' | 'displayName' | 'email' | 'posts'> & Partial<Details>;

/** What a change is decided on besides the person it concerns. */
export interface Circumstances {
  /** Who changes it. */
  by: StaffId;
  /** Administrators at work, the person concerned not counted. */
  otherActiveAdmins: number;
  revision: bigint;
  now: Date;
}

const adminRole = 'admin';
const isAdmin = ({ posts }: Pick<StaffMember, 'posts'>): boolean => posts.some(({ role }) => role === adminRole);

export function createStaffMember(fields: NewStaffMember, revision: bigint, now: Date): StaffMember {
  const unknown = { position: '', grade: '', joinDate: '', skills: [], leaveTime: null };
  return { ...unknown, ...fields, state: 'ACTIVE', notBefore: null, version: 1, revision, createTime: now, updateTime: now };
}

/** Other details; those left out stay. Throws REFUSED `HAS_LEFT`. */
export function changeDetails(
  member: StaffMember,
  details: Partial<Details>,
  { revision, now }: Pick<Circumstances, 'revision' | 'now'>,
): StaffMember {
  requireNotLeft(member);
  return next({ ...member, ...details }, revision, now);
}

/** Replaces the skills. Throws REFUSED `HAS_LEFT`. */
export function setSkills(
  member: StaffMember,
  skills: readonly string[],
  { revision, now }: Pick<Circumstances, 'revision' | 'now'>,
): StaffMember {
  requireNotLeft(member);
  return next({ ...member, skills }, revision, now);
}

/** People cannot give themselves more, and somebody must remain who can give at all. */
export function setPosts(member: StaffMember, posts: readonly Post[], circumstances: Circumstances): StaffMember {
  const { by, otherActiveAdmins, revision, now } = circumstances;
  if (member.staffId === by) throw denied(Reason.ownPosts);
  requireNotLeft(member);
  if (member.state === 'ACTIVE' && isAdmin(member) && !isAdmin({ posts }) && otherActiveAdmins === 0)
    throw refused(Reason.lastAdmin);
  return next({ ...member, posts }, revision, now);
}

/** From now on every token issued earlier is refused. */
export function suspend(member: StaffMember, circumstances: Circumstances): StaffMember {
  const { by, otherActiveAdmins, revision, now } = circumstances;
  if (member.staffId === by) throw denied(Reason.ownState);
  if (member.state !== 'ACTIVE') throw refused(Reason.notActive, { state: member.state });
  if (isAdmin(member) && otherActiveAdmins === 0) throw refused(Reason.lastAdmin);
  return next({ ...member, state: 'SUSPENDED', notBefore: now }, revision, now);
}

/** Back at work; the tokens of before stay refused. */
export function reinstate(member: StaffMember, circumstances: Circumstances): StaffMember {
  const { by, revision, now } = circumstances;
  if (member.staffId === by) throw denied(Reason.ownState);
  if (member.state !== 'SUSPENDED') throw refused(Reason.notSuspended, { state: member.state });
  return next({ ...member, state: 'ACTIVE' }, revision, now);
}

/** Gone for good: no posts, no tokens, and nothing of theirs is changed any more. */
export function leave(member: StaffMember, circumstances: Circumstances): StaffMember {
  const { by, otherActiveAdmins, revision, now } = circumstances;
  if (member.staffId === by) throw denied(Reason.ownState);
  requireNotLeft(member);
  if (member.state === 'ACTIVE' && isAdmin(member) && otherActiveAdmins === 0) throw refused(Reason.lastAdmin);
  return next({ ...member, state: 'LEFT', posts: [], notBefore: now, leaveTime: now }, revision, now);
}

/** Throws REFUSED `HAS_LEFT`. */
export function requireNotLeft({ state }: Pick<StaffMember, 'state'>): void {
  if (state === 'LEFT') throw refused(Reason.hasLeft);
}

const next = (member: StaffMember, revision: bigint, now: Date): StaffMember => ({
  ...member,
  version: member.version + 1,
  revision,
  updateTime: now,
});

/** Whether the identity provider has to be told. */
export const concernsAccount = (before: StaffMember, after: StaffMember): boolean =>
  before.email !== after.email || before.state !== after.state;
