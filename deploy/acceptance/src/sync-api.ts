import {
  type DeadLetter,
  DeadLetter as DeadLetterCodec,
  DeadLetterContent,
  ListDeadLettersResponse,
  ListSyncStatesResponse,
  ReplayDeadLettersResponse,
  SummariseDeadLettersResponse,
  SyncState,
} from '@bankcrm/proto/gen/bankcrm/customer/v1/sync.ts';
import { pages } from './api.ts';
import { type Person, read } from './client.ts';

const area = 'bankcrm.customer.v1';

export const syncStates = async (person: Person): Promise<SyncState[]> =>
  read(`${area}.ListSyncStatesResponse`, ListSyncStatesResponse, await person.get('/v1/syncStates')).syncStates;

export const pauseSync = async (person: Person, name: string, reason: string): Promise<SyncState> =>
  read(`${area}.SyncState`, SyncState, await person.post(`/v1/${name}:pause`, { reason }));

export const resumeSync = async (person: Person, name: string): Promise<SyncState> =>
  read(`${area}.SyncState`, SyncState, await person.post(`/v1/${name}:resume`));

export const restartPartition = async (
  person: Person,
  name: string,
  body: { partition: number; nextOffset?: string; reason: string },
): Promise<SyncState> => read(`${area}.SyncState`, SyncState, await person.post(`/v1/${name}:restartPartition`, body));

export async function deadLetters(person: Person, filter = ''): Promise<DeadLetter[]> {
  const query = { pageSize: 200, ...(filter === '' ? {} : { filter }) };
  const all = await pages(person, '/v1/deadLetters', `${area}.ListDeadLettersResponse`, ListDeadLettersResponse, query);
  return all.flatMap((page) => page.deadLetters);
}

export const readDeadLetter = async (person: Person, name: string): Promise<DeadLetterContent> =>
  read(`${area}.DeadLetterContent`, DeadLetterContent, await person.get(`/v1/${name}:read`));

export const correctDeadLetter = async (person: Person, { name, etag }: DeadLetter, json: string): Promise<DeadLetter> =>
  read(`${area}.DeadLetter`, DeadLetterCodec, await person.post(`/v1/${name}:correct`, { json }, { 'if-match': `"${etag}"` }));

export const replayDeadLetters = async (
  person: Person,
  which: { name: string } | { reason: string },
): Promise<ReplayDeadLettersResponse> =>
  read(`${area}.ReplayDeadLettersResponse`, ReplayDeadLettersResponse, await person.post('/v1/deadLetters:replay', which));

/** How many letters wait, by reason. */
export async function waitingByReason(person: Person): Promise<Map<string, number>> {
  const reply = await person.get('/v1/deadLetters:summarise');
  const { counts } = read(`${area}.SummariseDeadLettersResponse`, SummariseDeadLettersResponse, reply);
  const byReason = new Map<string, number>();
  for (const { reason, count } of counts) byReason.set(reason, (byReason.get(reason) ?? 0) + Number(count));
  return byReason;
}
