import { InteractionsService } from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';
import type { GrpcServer } from '@bankcrm/service';
import type { CustomerDeps } from '../../app/deps.ts';
import { completeNextStep } from '../../app/interactions/complete-next-step.ts';
import { createInteraction } from '../../app/interactions/create-interaction.ts';
import { listInteractions } from '../../app/interactions/list-interactions.ts';
import { listTimeline } from '../../app/interactions/list-timeline.ts';

/** Serves bankcrm.customer.v1.Interactions. */
export function addInteractions(server: Pick<GrpcServer, 'add'>, deps: CustomerDeps): void {
  server.add(InteractionsService, {
    createInteraction: createInteraction(deps),
    listInteractions: listInteractions(deps),
    listTimeline: listTimeline(deps),
    completeNextStep: completeNextStep(deps),
  });
}
