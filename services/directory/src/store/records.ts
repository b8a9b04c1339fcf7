import { auditHash, type KeySet } from '@bankcrm/access';
import { appendToOutbox, type OutboxEvent } from '@bankcrm/events';
import { newId } from '@bankcrm/kernel';
import { eventType } from '@bankcrm/proto/descriptors';
import { OrgUnitChanged, StaffChanged } from '@bankcrm/proto/gen/bankcrm/directory/v1/events.ts';
import { type AuditedCall, auditEntry, auditEvent, changedFieldsOf } from '@bankcrm/service';
import { changesBetween, type Facts, orgUnitFacts, staffFacts } from '../domain/history.ts';
import type { OrgUnit } from '../domain/org-unit.ts';
import { concernsAccount, type StaffMember } from '../domain/staff.ts';
import type { DirectoryTx } from './database.ts';

export const service = 'directory';

/** How changed fields are named, by the collection of their resource. */
const changedFields = {
  orgUnits: changedFieldsOf('bankcrm.directory.v1.OrgUnit'),
  staff: changedFieldsOf('bankcrm.directory.v1.StaffMember'),
};

/** Whose act a change is, for its audit entry. */
export interface Act {
  call: AuditedCall;
  reason?: string;
  now: Date;
}

/** Writes what a use case decided: the state, its event, its row of history and its audit entry, in the one open transaction. */
export interface Records {
  insertOrgUnit(tx: DirectoryTx, unit: OrgUnit, act: Act): Promise<void>;
  updateOrgUnit(tx: DirectoryTx, before: OrgUnit, after: OrgUnit, act: Act): Promise<void>;
  /** `heldUntil`: until then only the operation that creates the account tells the identity provider. */
  insertStaff(tx: DirectoryTx, member: StaffMember, heldUntil: Date, act: Act): Promise<void>;
  updateStaff(tx: DirectoryTx, before: StaffMember, after: StaffMember, act: Act): Promise<void>;
  /** An act that changes nothing here but something in the identity provider. */
  act(tx: DirectoryTx, member: StaffMember, act: Act): Promise<void>;
}

export function records(auditKeys: KeySet): Records {
  /** History and audit entry have one id; the entry carries the keyed hashes of the very texts that the history keeps. */
  const record = async (
    tx: DirectoryTx,
    { call, reason, now }: Act,
    collection: keyof typeof changedFields,
    id: string,
    { before, after, events = [] }: { before?: Facts; after?: Facts; events?: readonly OutboxEvent[] } = {},
  ): Promise<void> => {
    const resource = `${collection}/${id}`;
    const changed = after ? changesBetween(before ?? {}, after).map(({ field }) => field) : [];
    const oldValue = before && JSON.stringify(before);
    const newValue = after && JSON.stringify(after);
    const entry = auditEntry(call, {
      service,
      time: now,
      resource,
      fields: changedFields[collection](changed),
      ...(reason === undefined ? {} : { reason }),
      ...(oldValue === undefined ? {} : { oldValueHash: auditHash(auditKeys, oldValue) }),
      ...(newValue === undefined ? {} : { newValueHash: auditHash(auditKeys, newValue) }),
    });
    const { entryId, actor, operation } = entry;
    await tx.db.change.create({
      data: {
        entryId,
        resource,
        eventTime: now,
        actor,
        operation,
        reason: entry.reason,
        oldValue: oldValue ?? null,
        newValue: newValue ?? null,
      },
    });
    await appendToOutbox(tx, [...events, auditEvent(entry)]);
  };

  return {
    async insertOrgUnit(tx, unit, act) {
      await tx.db.orgUnit.create({ data: unit });
      await record(tx, act, 'orgUnits', unit.orgUnitId, { after: orgUnitFacts(unit), events: [orgUnitChanged(unit)] });
    },
    async updateOrgUnit(tx, before, after, act) {
      const { orgUnitId, ...data } = after;
      await tx.db.orgUnit.update({ where: { orgUnitId }, data });
      await record(tx, act, 'orgUnits', orgUnitId, {
        before: orgUnitFacts(before),
        after: orgUnitFacts(after),
        events: [orgUnitChanged(after)],
      });
    },
    async insertStaff(tx, { posts, ...data }, heldUntil, act) {
      const { staffId } = data;
      await tx.db.staff.create({ data });
      await tx.db.post.createMany({ data: posts.map((post, index) => ({ staffId, ordinal: index + 1, ...post })) });
      await tx.db.account.create({ data: { staffId, wantedVersion: 1, nextAttemptTime: heldUntil } });
      await record(tx, act, 'staff', staffId, { after: staffFacts({ ...data, posts }), events: [staffChanged(data)] });
    },
    async updateStaff(tx, before, after, act) {
      const { posts, staffId, ...data } = after;
      await tx.db.staff.update({ where: { staffId }, data });
      if (posts !== before.posts) {
        await tx.db.post.deleteMany({ where: { staffId } });
        await tx.db.post.createMany({ data: posts.map((post, index) => ({ staffId, ordinal: index + 1, ...post })) });
      }
      if (concernsAccount(before, after)) {
        await tx.db.account.update({
          where: { staffId },
          data: { wantedVersion: { increment: 1 }, attempts: 0, nextAttemptTime: act.now },
        });
      }
      await record(tx, act, 'staff', staffId, {
        before: staffFacts(before),
        after: staffFacts(after),
        events: [staffChanged(after)],
      });
    },
    async act(tx, member, act) {
      await record(tx, act, 'staff', member.staffId);
    },
  };
}

const orgUnitEvent = eventType<OrgUnitChanged>('bankcrm.directory.v1.OrgUnitChanged');
const staffEvent = eventType<StaffChanged>('bankcrm.directory.v1.StaffChanged');

/** The revision orders the changes of the whole tree. */
function orgUnitChanged(unit: OrgUnit): OutboxEvent {
  const { orgUnitId, code, displayName, parentId, revision, updateTime } = unit;
  const state = { orgUnitId, code, displayName, parentId: parentId ?? '', sequence: revision };
  return {
    id: newId(),
    aggregateType: 'org-unit',
    aggregateId: orgUnitId,
    ...orgUnitEvent(state),
    payload: OrgUnitChanged.encode(state).finish(),
    subject: `orgUnits/${orgUnitId}`,
    sequence: revision,
    time: updateTime,
  };
}

function staffChanged(member: Omit<StaffMember, 'posts'>): OutboxEvent {
  const { staffId, staffNumber, state, revision, updateTime } = member;
  const message = { staffId, staffNumber, state, sequence: revision };
  return {
    id: newId(),
    aggregateType: 'staff',
    aggregateId: staffId,
    ...staffEvent(message),
    payload: StaffChanged.encode(message).finish(),
    subject: `staff/${staffId}`,
    sequence: revision,
    time: updateTime,
  };
}
