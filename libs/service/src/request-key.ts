import { actorName } from '@bankcrm/access';
import type { RequestKey } from '@bankcrm/database';
import type { AuditedCall } from './audit/entry.ts';

/** What a command sent again has in common with the first time (`idempotent`): who asks, for what, under which id, in which words. */
export const requestKey = <Request extends { requestId: string }>(
  { caller, operation }: Pick<AuditedCall, 'caller' | 'operation'>,
  type: { encode(request: Request): { finish(): Uint8Array } },
  request: Request,
): RequestKey => ({
  caller: actorName(caller),
  method: operation,
  requestId: request.requestId,
  body: type.encode(request).finish(),
});
