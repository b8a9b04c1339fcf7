import type { FindByContactRequest, FindByContactResponse } from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';
import type { Call } from '@bankcrm/service';
import { contactForms } from '../../domain/contact-forms.ts';
import { audit, queryHash } from '../acts.ts';
import type { CustomerDeps } from '../deps.ts';
import { asService } from './as-service.ts';

const mostCustomers = 20;

/**
 * Whose phone or e-mail something came from, for a service that must know where it belongs. What was asked for stands in the audit log as a keyed hash. Throws
 * DENIED `SERVICE_ONLY`, and INVALID for what is neither.
 */
export const findByContact =
  (deps: CustomerDeps) =>
  async (request: FindByContactRequest, call: Call): Promise<FindByContactResponse> => {
    const { of, forms } = contactForms(request.contact);
    const asked = queryHash(deps, [of, forms[0]!]);
    call.asksFor(asked);
    const indexes = forms.flatMap((form) => deps.index.candidates(of, form));
    const found = await asService(deps, call, async (tx) => {
      const { rows } = await tx.query<{ customer_id: string }>({
        name: 'find-by-contact',
        text: 'SELECT * FROM customer.find_by_contact($1, $2)',
        values: [indexes, mostCustomers + 1],
      });
      const count = Math.min(rows.length, mostCustomers);
      await audit(tx, call, { time: deps.clock.now(), queryHash: asked, count: BigInt(count) });
      return rows;
    });
    return {
      customers: found.slice(0, mostCustomers).map((row) => `customers/${row.customer_id}`),
      truncated: found.length > mostCustomers,
    };
  };
