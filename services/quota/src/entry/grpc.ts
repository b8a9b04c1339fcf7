import { AssignmentsService, PortfoliosService } from '@bankcrm/proto/gen/bankcrm/quota/v1/assignments_service.ts';
import type { GrpcServer } from '@bankcrm/service';
import { assign } from '../app/assign.ts';
import type { QuotaDeps } from '../app/deps.ts';
import { listAssignments } from '../app/list-assignments.ts';
import { listPortfolios } from '../app/list-portfolios.ts';

/** Serves the services of bankcrm.quota.v1. */
export function addQuota(server: Pick<GrpcServer, 'add'>, deps: QuotaDeps): void {
  server.add(AssignmentsService, { assign: assign(deps), listAssignments: listAssignments(deps) });
  server.add(PortfoliosService, { listPortfolios: listPortfolios(deps) });
}
