import type { OrgUnitId, StaffId } from '@bankcrm/kernel';

/** Which customers a post shows, or several together. All empty means none. */
export interface PostScope {
  readonly bank: boolean;
  /** Roots of the subtrees. */
  readonly orgUnitIds: readonly OrgUnitId[];
  readonly portfolio: boolean;
  readonly served: boolean;
  /** Customers with a live ticket that is assigned to the person or to a queue of theirs. */
  readonly tickets: boolean;
}

/** Which customers a person sees in one call. */
export interface CustomerScope extends PostScope {
  /** Customers to whom the person has a live access grant. */
  readonly grants: boolean;
}

export const noCustomers: CustomerScope = {
  bank: false,
  orgUnitIds: [],
  portfolio: false,
  served: false,
  tickets: false,
  grants: false,
};

/** One post of a person: what its role allows, and on which customers. */
export interface HeldPost {
  readonly role: string;
  /** With what everybody may do. */
  readonly permissions: ReadonlySet<string>;
  readonly scope: PostScope;
}

/** A person at work. The posts stay apart, so that no permission of one meets the scope of another. */
export interface PostHolder {
  readonly kind: 'staff';
  readonly staffId: StaffId;
  readonly staffNumber: string;
  readonly posts: readonly HeldPost[];
}

/** A person in one call, see {@link callerThrough}. */
export interface StaffCaller extends PostHolder {
  readonly permissions: ReadonlySet<string>;
  readonly scope: CustomerScope;
}

/** A system that acts for itself. It sees no customers. */
export interface ServiceCaller {
  readonly kind: 'service';
  readonly clientId: string;
  readonly permissions: ReadonlySet<string>;
}

/** Somebody who came by a link, without sign-in: the token of the link says what the call is about, and nothing who makes it. */
export interface AnonymousCaller {
  readonly kind: 'anonymous';
  readonly permissions: ReadonlySet<string>;
}

export const anonymous: AnonymousCaller = { kind: 'anonymous', permissions: new Set() };

export type Caller = StaffCaller | ServiceCaller | AnonymousCaller;

/** `staff/{uuid}`, `services/{client id}` or `anonymous`: how the audit log and histories name who acted. */
export function actorName(caller: PostHolder | ServiceCaller | AnonymousCaller): string {
  if (caller.kind === 'anonymous') return 'anonymous';
  return caller.kind === 'staff' ? `staff/${caller.staffId}` : `services/${caller.clientId}`;
}

/**
 * Settings of a transaction that row-level security reads. Every one is always set, so that nothing of an earlier
 * transaction on the same connection could be mistaken for this caller's.
 */
export function callerSettings(caller: Caller): Record<string, string> {
  const [staffId, scope] = caller.kind === 'staff' ? [caller.staffId, caller.scope] : ['', noCustomers];
  return {
    'bankcrm.staff_id': staffId,
    'bankcrm.bank': scope.bank ? 'on' : '',
    'bankcrm.org_units': scope.orgUnitIds.length > 0 ? `{${scope.orgUnitIds.join(',')}}` : '',
    'bankcrm.portfolio': scope.portfolio ? 'on' : '',
    'bankcrm.served': scope.served ? 'on' : '',
    'bankcrm.tickets': scope.tickets ? 'on' : '',
    'bankcrm.grants': scope.grants ? 'on' : '',
  };
}
