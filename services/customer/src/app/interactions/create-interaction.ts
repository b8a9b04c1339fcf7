import { command } from '@bankcrm/backend';
import { newId, parseName } from '@bankcrm/kernel';
import { CreateInteractionRequest, Interaction } from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';
import { type Call, callingStaff } from '@bankcrm/service';
import { newInteraction } from '../../domain/interaction.ts';
import { interactionOf } from '../../store/interaction-row.ts';
import { requireCustomer } from '../../store/visible-customer.ts';
import { actOn, recordAct } from '../acts.ts';
import type { CustomerDeps } from '../deps.ts';
import { interactionHash, saveInteraction, writtenFields } from './save-interaction.ts';

/**
 * Records a call, visit, message or meeting by the caller with a customer that they see; once per request id. Who sees the customer for having served them
 * does so for 90 days from this one. Throws NOT_FOUND.
 */
export const createInteraction =
  (deps: CustomerDeps) =>
  async (request: CreateInteractionRequest, call: Call): Promise<Interaction> => {
    const { staffId } = callingStaff(call);
    const customerId = parseName('customers/*', request.parent, 'parent')[0]!;
    const now = deps.clock.now();
    const interaction = newInteraction(request.interaction, now);
    const interactionId = newId();
    const { reply } = await command(deps, call, {
      request,
      requestType: CreateInteractionRequest,
      replyType: Interaction,
      allow: (tx) => requireCustomer(tx, customerId),
      async work(tx) {
        const row = await saveInteraction(tx, { interactionId, customerId, staffId, now }, interaction);
        await tx.query('SELECT customer.keep_serving($1, $2)', [customerId, interaction.occurTime]);
        const saved = interactionOf(row, `customers/${customerId}`);
        const facts = { resource: saved.name, newValueHash: interactionHash(deps, saved), fields: writtenFields(interaction) };
        await recordAct(tx, actOn(customerId, call, deps, now, facts));
        return { reply: saved, recorded: true };
      },
    });
    return reply;
  };
