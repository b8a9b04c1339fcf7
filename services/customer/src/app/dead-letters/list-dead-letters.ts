import { actorName } from '@bankcrm/access';
import { type LetterFilter, type LetterState, listDeadLetters } from '@bankcrm/events';
import type { ListDeadLettersRequest, ListDeadLettersResponse } from '@bankcrm/proto/gen/bankcrm/customer/v1/sync.ts';
import { type AuditedCall, type FilterField, pageSizeOf, parseFilter } from '@bankcrm/service';
import { asOperator } from '../operators/operate.ts';
import type { DeadLetterDeps } from './deps.ts';
import { letterToWire } from './wire.ts';

const equal: FilterField = { type: 'text', operators: ['='] };
const fields = {
  reason: equal,
  topic: equal,
  source_system: equal,
  state: { ...equal, values: ['WAITING', 'REPLAYED', 'DISCARDED'] },
} satisfies Record<string, FilterField>;

/** Letters with reason and place, newest first, never with content. */
export const listLetters =
  (deps: DeadLetterDeps) =>
  async (request: ListDeadLettersRequest, call: AuditedCall): Promise<ListDeadLettersResponse> => {
    const limit = pageSizeOf(request.pageSize);
    const filter = filterOf(request.filter);
    const query = [call.operation, actorName(call.caller), request.filter];
    const before = deps.pages.read(query, request.pageToken)?.[0];
    const page = { filter, limit: limit + 1, ...(before ? { before } : {}) };
    const letters = await asOperator(deps, call, (tx) => listDeadLetters(tx, page));
    const shown = letters.slice(0, limit);
    return {
      deadLetters: shown.map(letterToWire),
      nextPageToken: letters.length > limit ? deps.pages.issue(query, [shown.at(-1)!.id]) : '',
    };
  };

function filterOf(text: string): LetterFilter {
  const filter: LetterFilter = {};
  for (const { field, value } of parseFilter(text, fields)) {
    if (field === 'source_system') filter.sourceSystem = value;
    else if (field === 'state') filter.state = value as LetterState;
    else filter[field] = value;
  }
  return filter;
}
