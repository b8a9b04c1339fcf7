import { auditHash } from '@bankcrm/access';
import { correctDeadLetter, packContent, readDeadLetter } from '@bankcrm/events';
import { staleEtag } from '@bankcrm/kernel';
import type { CorrectDeadLetterRequest, DeadLetter } from '@bankcrm/proto/gen/bankcrm/customer/v1/sync.ts';
import type { AuditedCall } from '@bankcrm/service';
import { audit } from '../acts.ts';
import { asOperator } from '../operators/operate.ts';
import type { DeadLetterDeps } from './deps.ts';
import { letterId, letterName, letterToWire, versionOf } from './wire.ts';

/**
 * Stores a corrected message for the next replay; what was received, and every earlier correction, is kept. Throws INVALID where it could still not be
 * applied, NOT_FOUND, ABORTED for a stale etag, REFUSED for a letter that no longer waits.
 */
export const correctLetter =
  (deps: DeadLetterDeps) =>
  async (request: CorrectDeadLetterRequest, call: AuditedCall): Promise<DeadLetter> => {
    const id = letterId(request.name);
    const version = versionOf(request.etag);
    const now = deps.clock.now();
    const letter = await asOperator(deps, call, async (tx) => {
      const open = await readDeadLetter(tx, deps.sealer, id);
      if (open.letter.version !== version) throw staleEtag();
      const content = deps.corrected(open.received, request.json);
      const stored = await correctDeadLetter(tx, deps.sealer, { id, version, content, now });
      await audit(tx, call, {
        time: now,
        resource: letterName(id),
        oldValueHash: auditHash(deps.auditKeys, packContent(open.corrected ?? open.received)),
        newValueHash: auditHash(deps.auditKeys, packContent(content)),
      });
      return stored;
    });
    return letterToWire(letter);
  };
