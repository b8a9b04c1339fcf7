import { type Clock, denied, type OrgUnitId, type StaffId, unauthenticated, unavailable } from '@bankcrm/kernel';
import {
  type OrgUnitRecord,
  type PostRecord,
  type Role,
  type StaffRecord,
  StaffState,
  type WatchStaffResponse,
  CustomerScope as WireScope,
} from '@bankcrm/proto/gen/bankcrm/directory/v1/directory.ts';
import type { HeldPost, PostHolder, ServiceCaller } from './caller.ts';
import { everyonesPermissions, systemPermissions } from './permission-table.ts';

export interface DirectorySilence {
  /** Without a heartbeat for this long, reveals, exports and decisions are refused. */
  highPrivilegeAfterMs: number;
  /** And after this long everything is. */
  everythingAfterMs: number;
}

export const defaultSilence: DirectorySilence = { highPrivilegeAfterMs: 30_000, everythingAfterMs: 600_000 };

/** A role as posts are read with it. */
interface KnownRole {
  permissions: ReadonlySet<string>;
  customers: readonly WireScope[];
}

/** What the stream has told so far. */
class Known {
  readonly staff = new Map<string, StaffRecord>();
  readonly byNumber = new Map<string, string>();
  readonly roles = new Map<string, KnownRole>();
  readonly orgUnits = new Map<string, OrgUnitRecord>();
}

/**
 * All staff, posts, org units and roles in memory, as the directory's stream tells them. Who somebody is comes from the
 * token; what they may do is decided here, on every call.
 */
export class StaffDirectory {
  readonly #clock: Clock;
  readonly #silence: DirectorySilence;
  #known = new Known();
  /** Being told anew since a reset. What was known before stands until the heartbeat that ends it: nobody is locked out meanwhile. */
  #coming: Known | undefined;
  #revision = 0n;
  /** By a directory of before there were absences, as while it is replaced. */
  #toldByOlder = false;
  #lastHeartbeat: Date | undefined;

  constructor(clock: Clock, silence: DirectorySilence = defaultSilence) {
    this.#clock = clock;
    this.#silence = silence;
  }

  /** The revision to resume the stream from; 0 after a directory that did not tell everything: its successor is to begin anew. */
  get revision(): bigint {
    return this.#toldByOlder ? 0n : this.#revision;
  }

  /** True once everything up to some revision has been received. */
  get caughtUp(): boolean {
    return this.#lastHeartbeat !== undefined;
  }

  apply(message: WatchStaffResponse): void {
    const { kind } = message;
    const known = this.#coming ?? this.#known;
    switch (kind?.$case) {
      case 'reset':
        this.#coming = new Known();
        this.#toldByOlder = false;
        // A stream that breaks before it has told everything must not be resumed.
        this.#revision = 0n;
        break;
      case 'staff':
        if (kind.value.employment === undefined) this.#toldByOlder = true;
        known.staff.set(kind.value.staffId, kind.value);
        known.byNumber.set(kind.value.staffNumber, kind.value.staffId);
        break;
      case 'orgUnit':
        known.orgUnits.set(kind.value.orgUnitId, kind.value);
        break;
      case 'role':
        known.roles.set(kind.value.id, knownRole(kind.value));
        break;
      case 'heartbeat':
        this.#known = known;
        this.#coming = undefined;
        this.#revision = kind.value.revision;
        this.#lastHeartbeat = this.#clock.now();
        break;
      default:
    }
  }

  /** The id behind a staff number, for snapshots that name a relationship manager. */
  staffIdOf(staffNumber: string): StaffId | undefined {
    return this.#known.byNumber.get(staffNumber) as StaffId | undefined;
  }

  staffNumberOf(staffId: string): string | undefined {
    return this.#known.staff.get(staffId)?.staffNumber;
  }

  /** Everybody who is known, those who have left included. */
  everybody(): Iterable<StaffRecord> {
    return this.#known.staff.values();
  }

  /** What is known of a person: posts, position, grade, skills, certifications, absences. */
  recordOf(staffId: string): StaffRecord | undefined {
    return this.#known.staff.get(staffId);
  }

  orgUnitAbove(orgUnitId: string): OrgUnitId | undefined {
    const parentId = this.#known.orgUnits.get(orgUnitId)?.parentId;
    return parentId === '' ? undefined : (parentId as OrgUnitId | undefined);
  }

  /** Everybody with a post in one of these units or below. */
  staffBelow(orgUnitIds: readonly OrgUnitId[]): StaffId[] {
    const roots: ReadonlySet<string> = new Set(orgUnitIds);
    const isBelow = new Map<string, boolean>([['', false]]);
    const below = (id: string): boolean => {
      const known = isBelow.get(id);
      if (known !== undefined) return known;
      // While half of a move has arrived the tree may have a circle in it.
      isBelow.set(id, false);
      const result = roots.has(id) || below(this.#known.orgUnits.get(id)?.parentId ?? '');
      isBelow.set(id, result);
      return result;
    };
    const all = [...this.#known.staff.values()];
    return all.filter(({ posts }) => posts.some(({ orgUnitId }) => below(orgUnitId))).map(({ staffId }) => staffId as StaffId);
  }

  /**
   * Refuses with UNAVAILABLE `DIRECTORY_SILENT` when the directory has been silent for too long to decide on this.
   */
  requireFresh(highPrivilege: boolean): void {
    const limit = highPrivilege ? this.#silence.highPrivilegeAfterMs : this.#silence.everythingAfterMs;
    const silentMs = this.#lastHeartbeat ? this.#clock.now().getTime() - this.#lastHeartbeat.getTime() : Number.POSITIVE_INFINITY;
    if (silentMs > limit) throw unavailable('DIRECTORY_SILENT');
  }

  /**
   * The person behind a verified token, with the posts held. Throws UNAUTHENTICATED `UNKNOWN_STAFF` or `TOKEN_WITHDRAWN`, and DENIED
   * `STAFF_SUSPENDED` for somebody who is known but not at work.
   */
  holderOf(staffNumber: string, issuedAt: Date): PostHolder {
    const record = this.#known.staff.get(this.#known.byNumber.get(staffNumber) ?? '');
    if (!record) throw unauthenticated('UNKNOWN_STAFF');
    if (record.state !== StaffState.ACTIVE) throw denied('STAFF_SUSPENDED');
    if (record.notBefore && issuedAt < record.notBefore) throw unauthenticated('TOKEN_WITHDRAWN');
    const { staffId, posts } = record;
    return { kind: 'staff', staffId: staffId as StaffId, staffNumber, posts: posts.map((post) => this.#heldPost(post)) };
  }

  /** A system's own identity with the permissions of its row in the table. Throws DENIED `UNKNOWN_SERVICE`. */
  serviceCallerOf(clientId: string): ServiceCaller {
    const permissions = systemPermissions.get(clientId);
    if (!permissions) throw denied('UNKNOWN_SERVICE');
    return { kind: 'service', clientId, permissions: new Set(permissions) };
  }

  /** Of a role that is gone nothing but what everybody may do. */
  #heldPost({ orgUnitId, role }: PostRecord): HeldPost {
    const { permissions = everyonesPermissions, customers = [] } = this.#known.roles.get(role) ?? {};
    return {
      role,
      permissions,
      scope: {
        bank: customers.includes(WireScope.BANK),
        orgUnitIds: customers.includes(WireScope.SUBTREE) ? [orgUnitId as OrgUnitId] : [],
        portfolio: customers.includes(WireScope.PORTFOLIO),
        served: customers.includes(WireScope.SERVED),
        tickets: customers.includes(WireScope.TICKETS),
      },
    };
  }
}

/** A directory of before scopes were a list sends one alone. */
const knownRole = ({ permissions, customerScope, customerScopes }: Role): KnownRole => ({
  permissions: new Set([...everyonesPermissions, ...permissions]),
  customers: customerScopes.length > 0 ? customerScopes : [customerScope],
});
