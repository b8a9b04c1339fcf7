import { invalid, parseName } from '@bankcrm/kernel';
import {
  ContactChannel,
  ContactPurpose,
  type ReadContactsRequest,
  type ReadContactsResponse,
} from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';
import type { Call } from '@bankcrm/service';
import { audit, queryHash } from '../acts.ts';
import type { CustomerDeps } from '../deps.ts';
import { shownFields } from '../shown-fields.ts';
import { asService } from './as-service.ts';

const mostCustomers = 500;

/** As values are stored, and as an audit entry says why they were read. */
const kinds = { [ContactChannel.MOBILE]: 'mobile', [ContactChannel.EMAIL]: 'email' } as const;
const purposes = { [ContactPurpose.MARKETING]: 'MARKETING', [ContactPurpose.SERVICE]: 'SERVICE' } as const;

const placeOf = (rowId: string) => ({ table: 'customer.identifying_value', column: 'sealed', rowId });

interface ContactRow {
  customer_id: string;
  full_name: string;
  closed: boolean;
  value_id: string | null;
  sealed: Buffer | null;
}

/**
 * One contact of a channel and the name of each customer, for a service that sends what it was told to. The batch is one entry of the audit log: how many, what
 * for, by which service. Throws DENIED `SERVICE_ONLY`.
 */
export const readContacts =
  (deps: CustomerDeps) =>
  async (request: ReadContactsRequest, call: Call): Promise<ReadContactsResponse> => {
    const kind = Object.hasOwn(kinds, request.channel) ? kinds[request.channel as keyof typeof kinds] : undefined;
    if (kind === undefined) throw invalid('channel', 'must be one of MOBILE, EMAIL');
    const purpose = Object.hasOwn(purposes, request.purpose) ? purposes[request.purpose as keyof typeof purposes] : undefined;
    if (purpose === undefined) throw invalid('purpose', 'must be one of MARKETING, SERVICE');
    if (request.customers.length === 0) throw invalid('customers', 'must be given');
    if (request.customers.length > mostCustomers) throw invalid('customers', `must be at most ${mostCustomers}`);
    const ids = [...new Set(request.customers.map((name) => parseName('customers/*', name, 'customers')[0]!))];
    const asked = queryHash(deps, ids);
    call.asksFor(asked);

    const rows = await asService(deps, call, async (tx) => {
      const found = await tx.query<ContactRow>({
        name: 'read-contacts',
        text: 'SELECT * FROM customer.read_contacts($1, $2, $3)',
        values: [ids, kind, purpose === 'SERVICE'],
      });
      const shown = found.rows.filter(({ sealed }) => sealed !== null).length;
      await audit(tx, call, {
        time: deps.clock.now(),
        reason: purpose,
        queryHash: asked,
        count: BigInt(shown),
        ...(shown === 0 ? {} : { fields: shownFields(call) }),
      });
      return found.rows;
    });
    return {
      contacts: rows.map(({ customer_id, full_name, closed, value_id, sealed }) => ({
        customer: `customers/${customer_id}`,
        displayName: full_name,
        contact: sealed === null ? '' : deps.fields.open(sealed, placeOf(value_id!)).toString(),
        closed,
      })),
    };
  };
