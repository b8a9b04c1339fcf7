import { CustomersService } from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';
import type { GrpcServer } from '@bankcrm/service';
import { addParticipant } from '../../app/customers/add-participant.ts';
import { batchGetNames } from '../../app/customers/batch-get-names.ts';
import { countCustomers } from '../../app/customers/count-customers.ts';
import { getCustomer } from '../../app/customers/get-customer.ts';
import { listCustomers } from '../../app/customers/list-customers.ts';
import { listHistory } from '../../app/customers/list-history.ts';
import { listHolders } from '../../app/customers/list-holders.ts';
import { listParticipants } from '../../app/customers/list-participants.ts';
import { listTransactions } from '../../app/customers/list-transactions.ts';
import { removeParticipant } from '../../app/customers/remove-participant.ts';
import { revealFields } from '../../app/customers/reveal-fields.ts';
import { searchCustomers } from '../../app/customers/search-customers.ts';
import { liftRestriction, restrictCustomer } from '../../app/customers/set-restriction.ts';
import { startService } from '../../app/customers/start-service.ts';
import { supplementCustomer } from '../../app/customers/supplement-customer.ts';
import { viewCustomer360 } from '../../app/customers/view-customer-360.ts';
import type { CustomerDeps } from '../../app/deps.ts';

/** Serves bankcrm.customer.v1.Customers. */
export function addCustomers(server: Pick<GrpcServer, 'add'>, deps: CustomerDeps): void {
  server.add(CustomersService, {
    getCustomer: getCustomer(deps),
    listCustomers: listCustomers(deps),
    countCustomers: countCustomers(deps),
    searchCustomers: searchCustomers(deps),
    batchGetNames: batchGetNames(deps),
    viewCustomer360: viewCustomer360(deps),
    listTransactions: listTransactions(deps),
    listHolders: listHolders(deps),
    revealFields: revealFields(deps),
    startService: startService(deps),
    supplementCustomer: supplementCustomer(deps),
    restrictCustomer: restrictCustomer(deps),
    liftRestriction: liftRestriction(deps),
    addParticipant: addParticipant(deps),
    removeParticipant: removeParticipant(deps),
    listParticipants: listParticipants(deps),
    listHistory: listHistory(deps),
  });
}
