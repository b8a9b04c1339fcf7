import { type Clock, denied, type OrgUnitId, type StaffId, unauthenticated, unavailable } from '@bankcrm/kernel';
import {
  type OrgUnitRecord,
  type Role,
  type StaffRecord,
  StaffState,
  type WatchStaffResponse,
  CustomerScope as WireScope,
} from '@bankcrm/proto/gen/bankcrm/directory/v1/directory.ts';
import type { CustomerScope, ServiceCaller, StaffCaller } from './caller.ts';
import { permissionTable } from './permission-table.ts';

export interface DirectorySilence {
  /** Without a heartbeat for this long, reveals, exports and decisions are refused. */
  highPrivilegeAfterMs: number;
  /** And after this long everything is. */
  everythingAfterMs: number;
}

export const defaultSilence: DirectorySilence = { highPrivilegeAfterMs: 30_000, everythingAfterMs: 600_000 };

/** What the stream has told so far. */
class Known {
  readonly staff = new Map<string, StaffRecord>();
  readonly byNumber = new Map<string, string>();
  readonly roles = new Map<string, Role>();
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
  #lastHeartbeat: Date | undefined;

  constructor(clock: Clock, silence: DirectorySilence = defaultSilence) {
    this.#clock = clock;
    this.#silence = silence;
  }

  /** The revision to resume the stream from. */
  get revision(): bigint {
    return this.#revision;
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
        // A stream that breaks before it has told everything must not be resumed.
        this.#revision = 0n;
        break;
      case 'staff':
        known.staff.set(kind.value.staffId, kind.value);
        known.byNumber.set(kind.value.staffNumber, kind.value.staffId);
        break;
      case 'orgUnit':
        known.orgUnits.set(kind.value.orgUnitId, kind.value);
        break;
      case 'role':
        known.roles.set(kind.value.id, kind.value);
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

  /**
   * Refuses with UNAVAILABLE `DIRECTORY_SILENT` when the directory has been silent for too long to decide on this.
   */
  requireFresh(highPrivilege: boolean): void {
    const limit = highPrivilege ? this.#silence.highPrivilegeAfterMs : this.#silence.everythingAfterMs;
    const silentMs = this.#lastHeartbeat ? this.#clock.now().getTime() - this.#lastHeartbeat.getTime() : Number.POSITIVE_INFINITY;
    if (silentMs > limit) throw unavailable('DIRECTORY_SILENT');
  }

  /**
   * The person behind a verified token. Throws UNAUTHENTICATED `UNKNOWN_STAFF` or `TOKEN_WITHDRAWN`, and DENIED
   * `STAFF_SUSPENDED` for somebody who is known but not at work.
   */
  callerOf(staffNumber: string, issuedAt: Date): StaffCaller {
    const record = this.#known.staff.get(this.#known.byNumber.get(staffNumber) ?? '');
    if (!record) throw unauthenticated('UNKNOWN_STAFF');
    if (record.state !== StaffState.ACTIVE) throw denied('STAFF_SUSPENDED');
    if (record.notBefore && issuedAt < record.notBefore) throw unauthenticated('TOKEN_WITHDRAWN');
    const roles = record.posts.map((post) => post.role);
    const permissions = new Set(permissionTable.everyone);
    for (const role of roles)
      for (const permission of this.#known.roles.get(role)?.permissions ?? []) permissions.add(permission);
    return {
      kind: 'staff',
      staffId: record.staffId as StaffId,
      staffNumber,
      roles,
      permissions,
      scope: this.#scopeOf(record),
    };
  }

  /** A system's own identity with the permissions of its row in the table. Throws DENIED `UNKNOWN_SERVICE`. */
  serviceCallerOf(clientId: string): ServiceCaller {
    const permissions = Object.hasOwn(permissionTable.services, clientId) ? permissionTable.services[clientId] : undefined;
    if (!permissions) throw denied('UNKNOWN_SERVICE');
    return { kind: 'service', clientId, permissions: new Set(permissions) };
  }

  #scopeOf(record: StaffRecord): CustomerScope {
    const scopes = record.posts.map((post) => ({ post, scope: this.#known.roles.get(post.role)?.customerScope }));
    return {
      bank: scopes.some(({ scope }) => scope === WireScope.BANK),
      orgUnitIds: scopes.filter(({ scope }) => scope === WireScope.SUBTREE).map(({ post }) => post.orgUnitId as OrgUnitId),
      portfolio: scopes.some(({ scope }) => scope === WireScope.PORTFOLIO),
      served: scopes.some(({ scope }) => scope === WireScope.SERVED),
    };
  }
}
