import { idempotent } from '@bankcrm/database';
import { newId, parseName } from '@bankcrm/kernel';
import { CreateInteractionRequest, Interaction } from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';
import { type Call, requestKey } from '@bankcrm/service';
import { interactionOf } from '../../adapters/postgres/interaction-row.ts';
import { requireCustomer } from '../../adapters/postgres/visible-customer.ts';
import { newInteraction } from '../../domain/interaction.ts';
import { actOn, recordAct } from '../acts.ts';
import { asCaller, type CustomerDeps, callingStaff } from '../deps.ts';
import { saveInteraction } from './save-interaction.ts';

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
    const key = requestKey(call, CreateInteractionRequest, request);
    const { reply } = await asCaller(deps, call, async (tx) => {
      await requireCustomer(tx, customerId);
      return idempotent(tx, key, deps.sealer, async () => {
        const row = await saveInteraction(tx, { interactionId, customerId, staffId, now }, interaction);
        await tx.query('SELECT customer.keep_serving($1, $2)', [customerId, interaction.occurTime]);
        const saved = interactionOf(row, `customers/${customerId}`);
        await recordAct(tx, actOn(customerId, call, deps, now, { resource: saved.name }));
        return Interaction.encode(saved).finish();
      });
    });
    return Interaction.decode(reply);
  };
