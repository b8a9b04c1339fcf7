import { notFound, parseName } from '@bankcrm/kernel';
import type { AuditEntry, GetAuditEntryRequest } from '@bankcrm/proto/gen/bankcrm/audit/v1/audit.ts';
import type { Call } from '@bankcrm/service';
import { customersShown } from '../store/customers.ts';
import { findEntry } from '../store/search.ts';
import { entryToWire } from '../store/wire.ts';
import { asReader, type ReadDeps, recordView } from './deps.ts';

/** One entry. Throws NOT_FOUND for one that is not there or that the caller does not see. */
export const getEntry =
  (deps: ReadDeps) =>
  (request: GetAuditEntryRequest, call: Call): Promise<AuditEntry> => {
    const [entryId] = parseName('auditEntries/*', request.name, 'name');
    return asReader(deps, call, async (tx, reader) => {
      const found = await findEntry(tx, entryId!);
      if (found === undefined) throw notFound();
      const shows = await customersShown(tx, reader, [found]);
      const shown = entryToWire(found, shows(found));
      await recordView(tx, call, deps, { resource: shown.name, ...(shown.customer !== '' && { customer: shown.customer }) });
      return shown;
    });
  };
