import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { fileSigner, readKeys } from '@bankcrm/access';
import { appendToOutbox } from '@bankcrm/events';
import { parseName } from '@bankcrm/kernel';
import { AuditEntriesService } from '@bankcrm/proto/gen/bankcrm/audit/v1/audit.ts';
import { auditEntry, auditEvent, parseEnv } from '@bankcrm/service';
import { NoProof, proveEntry } from '../../app/prove-entry.ts';
import { checkProof } from '../../check-proof.ts';
import { Config } from '../../config.ts';
import { indexOf } from '../../domain/entry-index.ts';
import { snapshotOf, withConnection } from './arguments.ts';
import type { Command } from './command.ts';
import { callOfService } from './own-call.ts';

/** Writes a proof that an entry stands in the log: prove <auditEntries/uuid> [--out FILE]; without a file, to the standard output. */
export const prove: Command = async (args) => {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { out: { type: 'string' } },
  });
  const [name = ''] = positionals;
  const [entryId] = parseName('auditEntries/*', name, 'name') as [string];
  const config = parseEnv(Config, process.env);
  const { publicKeys } = fileSigner(readKeys(config.KEYS_FILE, ['headSigning']).headSigning);
  return withConnection(config.DATABASE_URL_WORKER, 'audit-prove', async (client) => {
    try {
      const proof = await snapshotOf(client)((tx) => proveEntry(tx, entryId));
      const json = `${JSON.stringify(proof, undefined, 2)}\n`;
      // A log that was tampered with proves nothing: said here, not to the one who is given the file.
      const checked = checkProof(
        json,
        [...publicKeys.values()].map((key) => String(key.export({ type: 'spki', format: 'pem' }))),
      );
      if (!checked.holds) throw new NoProof(`the log does not prove it, ${checked.reason}: verify the log`);
      // A look into the log is in the log.
      const { customerId } = indexOf(Buffer.from(proof.entry.received, 'base64'));
      const customer = customerId === null ? '' : `customers/${customerId}`;
      const facts = { service: 'audit', time: new Date(), resource: name, customer };
      await appendToOutbox(client, [auditEvent(auditEntry(callOfService(AuditEntriesService.getAuditEntry.path), facts))]);
      if (values.out === undefined) process.stdout.write(json);
      else writeFileSync(values.out, json);
      for (const line of checked.lines) console.error(line);
      return 0;
    } catch (error) {
      if (!(error instanceof NoProof)) throw error;
      console.error(error.message);
      return 1;
    }
  });
};
