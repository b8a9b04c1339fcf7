import { type KafkaConnection, readTopic } from '@bankcrm/events';
import { CustomerPlaced, QueueStaffed } from '@bankcrm/proto/gen/bankcrm/customer/v1/placements.ts';
import { CustomerProfiled } from '@bankcrm/proto/gen/bankcrm/customer/v1/profiles.ts';
import { Heartbeat } from '@bankcrm/proto/gen/bankcrm/heartbeat/v1/heartbeat.ts';
import { eventually } from '@bankcrm/testing';
import { memoryLog } from './syncing.ts';

const decoders = {
  'bankcrm.customer.v1.CustomerPlaced': CustomerPlaced,
  'bankcrm.customer.v1.QueueStaffed': QueueStaffed,
  'bankcrm.customer.v1.CustomerProfiled': CustomerProfiled,
} as const;
type Type = keyof typeof decoders;
type State = { sequence: bigint };

/** What a topic says in the end, by key, as compaction leaves it; and the time until which it is complete. */
export interface View<Message> {
  states: Map<string, Message>;
  /** Messages of every type but heartbeats. */
  messages: number;
  /** Sequences that were not higher than the one before, of one key on its partition. */
  backwards: string[];
  /** The least of all partitions; undefined while one has no heartbeat. */
  asOf: Date | undefined;
}

/** Reads a topic to its end. */
export async function viewOf<Message>(
  kafka: KafkaConnection,
  topicPrefix: string,
  topic: string,
  type: Type,
): Promise<View<Message>> {
  const view: View<Message> = { states: new Map(), messages: 0, backwards: [], asOf: undefined };
  const beats = new Map<number, Date>();
  const sequences = new Map<string, bigint>();
  for await (const { partition, key, value, headers } of readTopic({ kafka, log: memoryLog().log, topic, topicPrefix })) {
    const name = key!.toString();
    const sent = String(headers.ce_type);
    if (sent === 'bankcrm.heartbeat.v1.Heartbeat') {
      beats.set(partition, Heartbeat.decode(value!).asOf!);
      continue;
    }
    view.messages += 1;
    const message = decoders[sent as Type].decode(value!) as State;
    if (message.sequence <= (sequences.get(name) ?? -1n)) view.backwards.push(name);
    sequences.set(name, message.sequence);
    if (sent === type) view.states.set(name, message as Message);
  }
  const times = [...beats.values()].sort((a, b) => a.getTime() - b.getTime());
  view.asOf = times[0];
  return view;
}

/** As {@link viewOf}, once everything that was committed before now has been sent. */
export function completeView<Message>(
  kafka: KafkaConnection,
  topicPrefix: string,
  topic: string,
  type: Type,
  since = new Date(),
): Promise<View<Message>> {
  return eventually(
    async () => {
      const view = await viewOf<Message>(kafka, topicPrefix, topic, type);
      if (view.asOf === undefined || view.asOf <= since) throw new Error(`complete until ${view.asOf?.toISOString()}`);
      return view;
    },
    { timeoutMs: 30_000, everyMs: 300 },
  );
}
