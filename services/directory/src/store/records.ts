import { auditHash, type KeySet } from '@bankcrm/access';
import { appendToOutbox, type OutboxEvent } from '@bankcrm/events';
import { newId, type StaffId } from '@bankcrm/kernel';
import { eventType } from '@bankcrm/proto/descriptors';
import { CalendarChanged, StaffChanged } from '@bankcrm/proto/gen/bankcrm/directory/v1/events.ts';
import { type AuditedCall, auditEntry, auditEvent, changedFieldsOf } from '@bankcrm/service';
import type { Prisma } from '../../prisma/generated/client.ts';
import type { Absence } from '../domain/absence.ts';
import type { Calendar } from '../domain/calendar.ts';
import type { Certification } from '../domain/certification.ts';
import {
  absenceFacts,
  calendarFacts,
  certificationFacts,
  changesBetween,
  type Facts,
  orgUnitFacts,
  staffFacts,
} from '../domain/history.ts';
import type { OrgUnit } from '../domain/org-unit.ts';
import { concernsAccount, type StaffMember } from '../domain/staff.ts';
import type { DirectoryTx } from './database.ts';
import { weekToWire, yearToWire } from './wire.ts';

export const service = 'directory';

/** How changed fields are named, by the collection of their resource. */
const changedFields = {
  orgUnits: changedFieldsOf('bankcrm.directory.v1.OrgUnit'),
  staff: changedFieldsOf('bankcrm.directory.v1.StaffMember'),
  calendars: changedFieldsOf('bankcrm.directory.v1.Calendar'),
  absences: changedFieldsOf('bankcrm.directory.v1.Absence'),
  certifications: changedFieldsOf('bankcrm.directory.v1.Certification'),
};

type Collection = keyof typeof changedFields;

/** Whose act a change is, for its audit entry. */
export interface Act {
  call: AuditedCall;
  reason?: string;
  now: Date;
}

/** Writes what a use case decided: the state, the event of a member of staff, its row of history and its audit entry, in the one open transaction. */
export interface Records {
  insertOrgUnit(tx: DirectoryTx, unit: OrgUnit, act: Act): Promise<void>;
  updateOrgUnit(tx: DirectoryTx, before: OrgUnit, after: OrgUnit, act: Act): Promise<void>;
  /** `heldUntil`: until then only the operation that creates the account tells the identity provider. */
  insertStaff(tx: DirectoryTx, member: StaffMember, heldUntil: Date, act: Act): Promise<void>;
  updateStaff(tx: DirectoryTx, before: StaffMember, after: StaffMember, act: Act): Promise<void>;
  /** The feed tells the person anew from `revision` on, as with the other three. */
  insertAbsence(tx: DirectoryTx, absence: Absence, revision: bigint, act: Act): Promise<void>;
  updateAbsence(tx: DirectoryTx, before: Absence, after: Absence, revision: bigint, act: Act): Promise<void>;
  insertCertification(tx: DirectoryTx, certification: Certification, revision: bigint, act: Act): Promise<void>;
  deleteCertification(tx: DirectoryTx, certification: Certification, revision: bigint, act: Act): Promise<void>;
  /** The calendar after one of its years was replaced. */
  saveCalendar(tx: DirectoryTx, before: Calendar | undefined, after: Calendar, year: number, act: Act): Promise<void>;
  /** An act that changes nothing here but something in the identity provider. */
  act(tx: DirectoryTx, member: StaffMember, act: Act): Promise<void>;
}

export function records(auditKeys: KeySet): Records {
  /** History and audit entry have one id; the entry carries the keyed hashes of the very texts that the history keeps. */
  const record = async (
    tx: DirectoryTx,
    { call, reason, now }: Act,
    resource: string,
    { before, after, events = [] }: { before?: Facts; after?: Facts; events?: readonly OutboxEvent[] } = {},
  ): Promise<void> => {
    const [collection, id, part] = resource.split('/') as [Collection, string, Collection?];
    const changed = after ? changesBetween(before ?? {}, after).map(({ field }) => field) : [];
    const oldValue = before && JSON.stringify(before);
    const newValue = after && JSON.stringify(after);
    const entry = auditEntry(call, {
      service,
      time: now,
      resource,
      fields: changedFields[part ?? collection](changed),
      ...(reason === undefined ? {} : { reason }),
      ...(oldValue === undefined ? {} : { oldValueHash: auditHash(auditKeys, oldValue) }),
      ...(newValue === undefined ? {} : { newValueHash: auditHash(auditKeys, newValue) }),
    });
    const { entryId, actor, operation } = entry;
    await tx.db.change.create({
      data: {
        entryId,
        // What belongs to a person stands in the history of the person.
        resource: `${collection}/${id}`,
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
      await record(tx, act, `orgUnits/${unit.orgUnitId}`, { after: orgUnitFacts(unit) });
    },
    async updateOrgUnit(tx, before, after, act) {
      const { orgUnitId, ...data } = after;
      await tx.db.orgUnit.update({ where: { orgUnitId }, data });
      await record(tx, act, `orgUnits/${orgUnitId}`, {
        before: orgUnitFacts(before),
        after: orgUnitFacts(after),
      });
    },
    async insertStaff(tx, member, heldUntil, act) {
      const { staffId, posts } = member;
      await tx.db.staff.create({ data: rowOf(member) });
      await tx.db.post.createMany({ data: posts.map((post, index) => ({ staffId, ordinal: index + 1, ...post })) });
      await tx.db.account.create({ data: { staffId, wantedVersion: 1, nextAttemptTime: heldUntil } });
      await record(tx, act, `staff/${staffId}`, { after: staffFacts(member), events: [staffChanged(member)] });
    },
    async updateStaff(tx, before, after, act) {
      const { posts, staffId } = after;
      await tx.db.staff.update({ where: { staffId }, data: rowOf(after) });
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
      if (after.state === 'LEFT')
        await tx.db.absence.updateMany({
          where: { staffId, cancelTime: null, endTime: { gt: act.now } },
          data: { cancelTime: act.now },
        });
      await record(tx, act, `staff/${staffId}`, {
        before: staffFacts(before),
        after: staffFacts(after),
        events: [staffChanged(after)],
      });
    },
    async insertAbsence(tx, absence, revision, act) {
      const { staffId, absenceId } = absence;
      await tx.db.absence.create({ data: absence });
      await tellAnew(tx, staffId, revision);
      await record(tx, act, `staff/${staffId}/absences/${absenceId}`, { after: absenceFacts(absence) });
    },
    async updateAbsence(tx, before, after, revision, act) {
      const { staffId, absenceId, ...data } = after;
      await tx.db.absence.update({ where: { absenceId }, data });
      await tellAnew(tx, staffId, revision);
      await record(tx, act, `staff/${staffId}/absences/${absenceId}`, {
        before: absenceFacts(before),
        after: absenceFacts(after),
      });
    },
    async insertCertification(tx, certification, revision, act) {
      const { staffId, certificationId, validUntil } = certification;
      await tx.db.certification.create({ data: { ...certification, validUntil: dayOf(validUntil) } });
      await tellAnew(tx, staffId, revision);
      await record(tx, act, `staff/${staffId}/certifications/${certificationId}`, { after: certificationFacts(certification) });
    },
    async deleteCertification(tx, certification, revision, act) {
      const { staffId, certificationId } = certification;
      await tx.db.certification.delete({ where: { certificationId } });
      await tellAnew(tx, staffId, revision);
      await record(tx, act, `staff/${staffId}/certifications/${certificationId}`, {
        before: certificationFacts(certification),
        after: certificationFacts({ kind: '', validUntil: '' }),
      });
    },
    async saveCalendar(tx, before, after, year, act) {
      const { years, week, calendarId, ...rest } = after;
      const data = { ...rest, timeZone: after.timeZone, week: week as unknown as Prisma.InputJsonObject };
      await tx.db.calendar.upsert({ where: { calendarId }, create: { calendarId, ...data }, update: data });
      const { daysOff, makeUpDays } = years.find((loaded) => loaded.year === year)!;
      const days = { daysOff, makeUpDays } as unknown as Prisma.InputJsonObject;
      await tx.db.calendarYear.upsert({
        where: { calendarId_year: { calendarId, year } },
        create: { calendarId, year, days },
        update: { days },
      });
      await record(tx, act, `calendars/${calendarId}`, {
        ...(before ? { before: calendarFacts(before, year) } : {}),
        after: calendarFacts(after, year),
        events: [calendarChanged(after)],
      });
    },
    async act(tx, member, act) {
      await record(tx, act, `staff/${member.staffId}`);
    },
  };
}

/** A day as Prisma takes it. */
const dayOf = (date: string): Date => new Date(`${date}T00:00:00Z`);

const rowOf = ({ posts: _ofTheirOwn, joinDate, skills, ...data }: StaffMember) => ({
  ...data,
  joinDate: joinDate === '' ? null : dayOf(joinDate),
  skills: [...skills],
});

async function tellAnew({ db }: DirectoryTx, staffId: StaffId, revision: bigint): Promise<void> {
  await db.staff.update({ where: { staffId }, data: { revision } });
}

const calendarEvent = eventType<CalendarChanged>('bankcrm.directory.v1.CalendarChanged');
const staffEvent = eventType<StaffChanged>('bankcrm.directory.v1.StaffChanged');

function calendarChanged({ calendarId, displayName, timeZone, week, years, revision, updateTime }: Calendar): OutboxEvent {
  const state = {
    calendarId,
    displayName,
    timeZone,
    week: weekToWire(week),
    years: years.map(yearToWire),
    sequence: revision,
  };
  return {
    id: newId(),
    aggregateType: 'calendar',
    aggregateId: calendarId,
    ...calendarEvent(state),
    payload: CalendarChanged.encode(state).finish(),
    subject: `calendars/${calendarId}`,
    sequence: revision,
    time: updateTime,
  };
}

function staffChanged(member: StaffMember): OutboxEvent {
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
