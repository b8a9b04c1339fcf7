import { auditHash } from '@bankcrm/access';
import { correctDeadLetter, packContent, readDeadLetter } from '@bankcrm/events';
import { refused, staleEtag } from '@bankcrm/kernel';
import type { CorrectDeadLetterRequest, DeadLetter } from '@bankcrm/proto/gen/bankcrm/customer/v1/sync.ts';
import type { Call } from '@bankcrm/service';
import { Reason } from '../../domain/reasons.ts';
import { customersInSight } from '../../store/letter-customers.ts';
import { asOperator } from '../operators/operate.ts';
import type { DeadLetterDeps } from './deps.ts';
import { recordLetter } from './record-letter.ts';
import { letterId, letterName, letterToWire, versionOf } from './wire.ts';

/**
 * Stores a corrected message for the next replay; what was received, and every earlier correction, is kept. Throws INVALID where it could still not be
 * applied or changes what only the source may change, NOT_FOUND, ABORTED for a stale etag, REFUSED for a letter that no longer waits and for one whose
 * content the caller does not see.
 */
export const correctLetter =
  (deps: DeadLetterDeps) =>
  async (request: CorrectDeadLetterRequest, call: Call): Promise<DeadLetter> => {
    const id = letterId(request.name);
    const version = versionOf(request.etag);
    const now = deps.clock.now();
    const letter = await asOperator(deps, call, async (tx) => {
      const open = await readDeadLetter(tx, deps.sealer, id);
      if (open.letter.version !== version) throw staleEtag();
      const customerIds = await customersInSight(tx, deps.subjectOf(open.received));
      if (customerIds === undefined) throw refused(Reason.contentWithheld);
      const content = deps.corrected(open.received, request.json);
      const before = open.corrected ?? open.received;
      const stored = await correctDeadLetter(tx, deps.sealer, { id, version, content, now });
      await recordLetter(tx, call, deps, customerIds, {
        time: now,
        resource: letterName(id),
        oldValueHash: auditHash(deps.auditKeys, packContent(before)),
        newValueHash: auditHash(deps.auditKeys, packContent(content)),
        fields: deps.correctedFields(before, { ...open.received, ...content }),
      });
      return stored;
    });
    return letterToWire(letter);
  };
