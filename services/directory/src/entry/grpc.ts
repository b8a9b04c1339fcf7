import { CalendarsService } from '@bankcrm/proto/gen/bankcrm/directory/v1/calendars.ts';
import { OrgUnitsService, type Role, StaffFeedService, StaffService } from '@bankcrm/proto/gen/bankcrm/directory/v1/directory.ts';
import type { GrpcServer, PageTokens } from '@bankcrm/service';
import { cancelAbsence } from '../app/cancel-absence.ts';
import { createAbsence } from '../app/create-absence.ts';
import { createCertification } from '../app/create-certification.ts';
import { createOrgUnit } from '../app/create-org-unit.ts';
import { type CreateStaffDeps, createStaff } from '../app/create-staff.ts';
import { deleteCertification } from '../app/delete-certification.ts';
import { getCalendar } from '../app/get-calendar.ts';
import { getMe } from '../app/get-me.ts';
import { getOrgUnit } from '../app/get-org-unit.ts';
import { getStaff } from '../app/get-staff.ts';
import { importCalendarYear } from '../app/import-calendar-year.ts';
import { leaveStaff } from '../app/leave-staff.ts';
import { listAbsences } from '../app/list-absences.ts';
import { listCalendars } from '../app/list-calendars.ts';
import { listCertifications } from '../app/list-certifications.ts';
import { listCalendarHistory, listOrgUnitHistory, listStaffHistory } from '../app/list-history.ts';
import { listOrgUnits } from '../app/list-org-units.ts';
import { listRoles } from '../app/list-roles.ts';
import { listStaff } from '../app/list-staff.ts';
import { moveOrgUnit } from '../app/move-org-unit.ts';
import { reinstateStaff } from '../app/reinstate-staff.ts';
import { sendPasswordReset } from '../app/send-password-reset.ts';
import { setPosts } from '../app/set-posts.ts';
import { setSkills } from '../app/set-skills.ts';
import { suspendStaff } from '../app/suspend-staff.ts';
import { unlockStaff } from '../app/unlock-staff.ts';
import { updateOrgUnit } from '../app/update-org-unit.ts';
import { updateStaff } from '../app/update-staff.ts';
import type { IdentityProvider } from '../store/identity-provider.ts';
import type { StaffFeed } from '../store/staff-feed.ts';

export interface DirectoryDeps extends CreateStaffDeps {
  pages: PageTokens;
  roles: readonly Role[];
  identityProvider: IdentityProvider;
  feed: Pick<StaffFeed, 'watch'>;
  reconcileSoon: () => void;
}

/** Each RPC and the use case that answers it. */
export function addServices(server: Pick<GrpcServer, 'add'>, deps: DirectoryDeps): void {
  server.add(OrgUnitsService, {
    createOrgUnit: createOrgUnit(deps),
    getOrgUnit: getOrgUnit(deps),
    listOrgUnits: listOrgUnits(deps),
    updateOrgUnit: updateOrgUnit(deps),
    moveOrgUnit: moveOrgUnit(deps),
    listOrgUnitHistory: listOrgUnitHistory(deps),
  });
  server.add(StaffService, {
    createStaff: createStaff(deps),
    getStaff: getStaff(deps),
    getMe: getMe(deps),
    listStaff: listStaff(deps),
    updateStaff: updateStaff(deps),
    setPosts: setPosts(deps),
    setSkills: setSkills(deps),
    suspendStaff: suspendStaff(deps),
    reinstateStaff: reinstateStaff(deps),
    leaveStaff: leaveStaff(deps),
    createAbsence: createAbsence(deps),
    listAbsences: listAbsences(deps),
    cancelAbsence: cancelAbsence(deps),
    createCertification: createCertification(deps),
    listCertifications: listCertifications(deps),
    deleteCertification: deleteCertification(deps),
    unlockStaff: unlockStaff(deps),
    sendPasswordReset: sendPasswordReset(deps),
    listStaffHistory: listStaffHistory(deps),
    listRoles: listRoles(deps),
  });
  server.add(CalendarsService, {
    getCalendar: getCalendar(deps),
    listCalendars: listCalendars(deps),
    importCalendarYear: importCalendarYear(deps),
    listCalendarHistory: listCalendarHistory(deps),
  });
  server.add(StaffFeedService, {
    watchStaff: (request, call) => deps.feed.watch(request.fromRevision, call.signal),
  });
}
