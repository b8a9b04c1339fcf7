import type { OrgUnitId, StaffId } from '@bankcrm/kernel';
import { type AbsenceRecord, type StaffRecord, StaffState } from '@bankcrm/proto/gen/bankcrm/directory/v1/directory.ts';

/** What the staff directory knows of people and units, as far as it matters here. */
export interface StaffKnown {
  everybody(): Iterable<StaffRecord>;
  recordOf(staffId: string): StaffRecord | undefined;
  /** Undefined for the head office and for a unit that is not known. */
  orgUnitAbove(orgUnitId: string): OrgUnitId | undefined;
}

/** The absence that a person is in at an instant. */
export const absenceAt = ({ employment }: StaffRecord, at: Date): AbsenceRecord | undefined =>
  employment?.absences.find(({ startTime, endTime }) => startTime! <= at && at < endTime!);

/**
 * Who acts for a person at an instant: the person when at work, else the deputy, else the deputy of the deputy, and so on. Undefined where that is nobody, or
 * where one would come by somebody who must not act.
 */
export function actingFor(known: StaffKnown, staffId: StaffId, at: Date, not: StaffId): StaffId | undefined {
  const passed = new Set<string>([not]);
  let record = known.recordOf(staffId);
  while (record && record.state === StaffState.ACTIVE && !passed.has(record.staffId)) {
    const absence = absenceAt(record, at);
    if (!absence) return record.staffId as StaffId;
    // While half of what changed has arrived, deputies may go round in a circle.
    passed.add(record.staffId);
    record = known.recordOf(absence.deputyId);
  }
  return undefined;
}

/**
 * The superior of a post: the holder of `branch-manager` in its unit or in the nearest unit above who is not the asker, else an `hq-manager`; in an absence
 * the deputy, unless that is the asker or comes by the asker. Of several the one with the lowest staff number. Undefined where there is nobody.
 */
export function superiorOf(known: StaffKnown, asker: { staffId: StaffId; orgUnitId: OrgUnitId }, at: Date): StaffId | undefined {
  const candidates = [...known.everybody()]
    .filter(({ posts }) => posts.some(({ role }) => role === 'branch-manager' || role === 'hq-manager'))
    .sort((a, b) => Number(a.staffNumber) - Number(b.staffNumber));
  const firstActing = (holds: (post: StaffRecord['posts'][number]) => boolean): StaffId | undefined => {
    for (const { staffId, posts } of candidates) {
      const acting = posts.some(holds) ? actingFor(known, staffId as StaffId, at, asker.staffId) : undefined;
      if (acting !== undefined) return acting;
    }
    return undefined;
  };
  // While half of a move has arrived the tree may have a circle in it.
  const passed = new Set<string>();
  for (
    let unit: OrgUnitId | undefined = asker.orgUnitId;
    unit !== undefined && !passed.has(unit);
    unit = known.orgUnitAbove(unit)
  ) {
    passed.add(unit);
    const manager = firstActing(({ role, orgUnitId }) => role === 'branch-manager' && orgUnitId === unit);
    if (manager !== undefined) return manager;
  }
  return firstActing(({ role }) => role === 'hq-manager');
}
