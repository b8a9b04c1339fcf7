import { customerByNumber, pages } from '@bankcrm/acceptance/api.ts';
import { as } from '@bankcrm/acceptance/client.ts';
import { customerMessage, managerOfOthers, newCustomer } from '@bankcrm/acceptance/core-bank.ts';
import { send, untilApplied } from '@bankcrm/acceptance/kafka.ts';
import type { Writing } from '@bankcrm/acceptance/writing.ts';
import { ListInteractionsResponse } from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';

/** Messages recorded with a customer of their own. */
export async function writing(): Promise<Writing> {
  const rm = await as(managerOfOthers);
  const snapshot = newCustomer();
  await send([customerMessage(snapshot)]);
  await untilApplied();
  const { name } = await customerByNumber(rm, snapshot.sourceId);
  return {
    clients: 8,
    write: (key, headers) =>
      rm.post(`/v1/${name}/interactions`, { kind: 'message', direction: 'outbound', summary: key }, headers),
    async written() {
      const type = 'bankcrm.customer.v1.ListInteractionsResponse';
      const all = await pages(rm, `/v1/${name}/interactions`, type, ListInteractionsResponse, { pageSize: 200 });
      return new Set(all.flatMap(({ interactions }) => interactions).map(({ summary }) => summary));
    },
  };
}
