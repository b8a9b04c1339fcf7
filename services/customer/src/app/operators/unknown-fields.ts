import type { Tx } from '@bankcrm/database';
import type { UnknownField } from '@bankcrm/proto/gen/bankcrm/customer/v1/sync.ts';
import { unknownFieldDays } from '../sync/note-unknown-fields.ts';
import { syncStateName } from './sync-state-name.ts';

interface Row {
  source_system: string;
  topic: string;
  path: string;
  messages: bigint;
  first_time: Date;
  last_time: Date;
}

/** Fields that sources have sent of late and the contract does not have, by the name of the sync state, the most frequent first. */
export async function readUnknownFields(tx: Tx, now: Date): Promise<Map<string, UnknownField[]>> {
  const { rows } = await tx.query<Row>({
    name: 'read-unknown-fields',
    text: 'SELECT * FROM customer.unknown_field WHERE last_time >= $1 ORDER BY messages DESC, path',
    values: [new Date(now.getTime() - unknownFieldDays * 86_400_000)],
  });
  const byState = Map.groupBy(rows, ({ source_system, topic }) => syncStateName({ sourceSystem: source_system, topic }));
  return new Map([...byState].map(([name, fields]) => [name, fields.map(fieldOf)]));
}

const fieldOf = ({ path, messages, first_time, last_time }: Row): UnknownField => ({
  path,
  messages,
  firstTime: first_time,
  lastTime: last_time,
});
