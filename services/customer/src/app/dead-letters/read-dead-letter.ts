import { readDeadLetter } from '@bankcrm/events';
import type { DeadLetterContent, ReadDeadLetterRequest } from '@bankcrm/proto/gen/bankcrm/customer/v1/sync.ts';
import type { Call } from '@bankcrm/service';
import { Reason } from '../../domain/reasons.ts';
import { customersInSight } from '../../store/letter-customers.ts';
import { asOperator } from '../operators/operate.ts';
import { shownFields } from '../shown-fields.ts';
import type { DeadLetterDeps } from './deps.ts';
import { recordLetter } from './record-letter.ts';
import { letterId, letterName, letterToWire } from './wire.ts';

/**
 * One letter with its content in the clear, for those who see every customer that it concerns; that it was read is recorded in the same transaction. Throws
 * NOT_FOUND.
 */
export const readLetter =
  (deps: DeadLetterDeps) =>
  async ({ name }: ReadDeadLetterRequest, call: Call): Promise<DeadLetterContent> => {
    const id = letterId(name);
    const { letter, received, corrected, isWithheld } = await asOperator(deps, call, async (tx) => {
      const open = await readDeadLetter(tx, deps.sealer, id);
      const customerIds = await customersInSight(tx, deps.subjectOf(open.received));
      const isWithheld = customerIds === undefined;
      const reason = isWithheld ? Reason.contentWithheld : '';
      const fields = isWithheld ? [] : shownFields(call);
      await recordLetter(tx, call, deps, customerIds ?? [], { time: deps.clock.now(), resource: letterName(id), reason, fields });
      return { ...open, isWithheld };
    });
    const deadLetter = letterToWire(letter);
    if (isWithheld) return { deadLetter, headers: {}, key: '', rawValue: Buffer.alloc(0), json: '', contentWithheld: true };
    return {
      deadLetter,
      headers: Object.fromEntries(Object.entries(received.headers).map(([header, value]) => [header, value.toString()])),
      key: received.key?.toString() ?? '',
      rawValue: received.value ?? Buffer.alloc(0),
      json: deps.jsonOf(corrected ?? received),
      contentWithheld: false,
    };
  };
