import { ContactsService } from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';
import type { GrpcServer } from '@bankcrm/service';
import { findByContact } from '../../app/contacts/find-by-contact.ts';
import { readContacts } from '../../app/contacts/read-contacts.ts';
import type { CustomerDeps } from '../../app/deps.ts';

/** Serves bankcrm.customer.v1.Contacts: for services, never for people. */
export function addContacts(server: Pick<GrpcServer, 'add'>, deps: CustomerDeps): void {
  server.add(ContactsService, {
    readContacts: readContacts(deps),
    findByContact: findByContact(deps),
  });
}
