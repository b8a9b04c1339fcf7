import { readDeadLetter } from '@bankcrm/events';
import type { DeadLetterContent, ReadDeadLetterRequest } from '@bankcrm/proto/gen/bankcrm/customer/v1/sync.ts';
import type { AuditedCall } from '@bankcrm/service';
import { audit } from '../acts.ts';
import { asOperator } from '../operators/operate.ts';
import type { DeadLetterDeps } from './deps.ts';
import { letterId, letterName, letterToWire } from './wire.ts';

/** One letter with its content in the clear; that it was read is recorded in the same transaction. Throws NOT_FOUND. */
export const readLetter =
  (deps: DeadLetterDeps) =>
  async ({ name }: ReadDeadLetterRequest, call: AuditedCall): Promise<DeadLetterContent> => {
    const id = letterId(name);
    const { letter, received, corrected } = await asOperator(deps, call, async (tx) => {
      const open = await readDeadLetter(tx, deps.sealer, id);
      await audit(tx, call, { time: deps.clock.now(), resource: letterName(id) });
      return open;
    });
    return {
      deadLetter: letterToWire(letter),
      headers: Object.fromEntries(Object.entries(received.headers).map(([header, value]) => [header, value.toString()])),
      key: received.key?.toString() ?? '',
      rawValue: received.value ?? Buffer.alloc(0),
      json: deps.jsonOf(corrected ?? received),
    };
  };
