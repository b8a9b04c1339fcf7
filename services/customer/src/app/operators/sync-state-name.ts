import { invalid } from '@bankcrm/kernel';
import { Reason } from '../../domain/reasons.ts';

/** The place of a source's messages on a topic. */
export interface SyncPlace {
  sourceSystem: string;
  topic: string;
}

/** `syncStates/core.corebanking.customers.v1`; the source is empty for messages that name none. */
export const syncStateName = ({ sourceSystem, topic }: SyncPlace): string => `syncStates/${sourceSystem}.${topic}`;

const pattern = /^syncStates\/([a-z0-9-]{0,32})\.([a-z0-9.-]{1,200})$/;

/** Reads a name; throws INVALID for one whose topic is not consumed here. */
export function parseSyncStateName(name: string, topics: readonly string[]): SyncPlace {
  const match = pattern.exec(name);
  if (match === null || !topics.includes(match[2]!))
    throw invalid(
      'name',
      'must look like syncStates/{source system}.{topic} with a topic that is consumed',
      Reason.invalidResourceName,
    );
  return { sourceSystem: match[1]!, topic: match[2]! };
}
