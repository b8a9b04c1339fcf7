import type { Assignment } from '@bankcrm/proto/gen/bankcrm/quota/v1/assignments_service.ts';
import type { DecisionRow } from './assignments.ts';

const staffName = (id: string | null): string => (id === null ? '' : `staff/${id}`);

export const assignmentToWire = (row: DecisionRow): Assignment => ({
  customer: `customers/${row.customerId}`,
  rm: staffName(row.rmStaffId),
  dedicatedRm: staffName(row.dedicatedRmStaffId),
  collaborators: row.collaborators.map(({ staffId, startTime, endTime }) => ({
    staff: staffName(staffId),
    startTime: startTime ?? undefined,
    endTime: endTime ?? undefined,
  })),
  effectiveTime: row.effectiveTime,
  endTime: row.endTime ?? undefined,
  decidedBy: staffName(row.decidedBy),
  reason: row.reason,
});
