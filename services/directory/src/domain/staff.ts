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
  /** One or two. */
  posts: readonly Post[];
  version: number;
  revision: bigint;
  createTime: Date;
  updateTime: Date;
}

export type NewStaffMember = Pick<StaffMember, 'staffId' | 'staffNumber' | 'displayName' | 'email' | 'posts'>;

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
  return { ...fields, state: 'ACTIVE', notBefore: null, version: 1, revision, createTime: now, updateTime: now };
}

/** Another name or address; what the details leave out stays. */
export function changeDetails(
  member: StaffMember,
  details: Partial<Pick<StaffMember, 'displayName' | 'email'>>,
  { revision, now }: Pick<Circumstances, 'revision' | 'now'>,
): StaffMember {
  return next({ ...member, ...details }, revision, now);
}

/** People cannot give themselves more, and somebody must remain who can give at all. */
export function setPosts(member: StaffMember, posts: readonly Post[], circumstances: Circumstances): StaffMember {
  const { by, otherActiveAdmins, revision, now } = circumstances;
  if (member.staffId === by) throw denied(Reason.ownPosts);
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

const next = (member: StaffMember, revision: bigint, now: Date): StaffMember => ({
  ...member,
  version: member.version + 1,
  revision,
  updateTime: now,
});

/** Whether the identity provider has to be told. */
export const concernsAccount = (before: StaffMember, after: StaffMember): boolean =>
  before.email !== after.email || before.state !== after.state;
