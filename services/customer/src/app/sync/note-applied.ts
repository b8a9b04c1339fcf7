import { columns, type Tx } from '@bankcrm/database';
import { appendToOutbox, type Decoded, header, type RawMessage, sourceSystemOf, traceHeaders } from '@bankcrm/events';
import { newId } from '@bankcrm/kernel';
import { Decision, Entry } from '@bankcrm/proto/gen/bankcrm/audit/v1/entries.ts';
import { auditEvent } from '@bankcrm/service';
import type { Incoming } from './incoming.ts';
import { type Answers, answeredCustomer, noteAnswers } from './note-answers.ts';
import { countUnknownFields, noteUnknownFields } from './note-unknown-fields.ts';

interface Noted {
  messages: number;
  /** The newest `ce_time` of them in milliseconds since 1970; minus infinity where none has one. */
  newest: number;
  /** How many of them had each field that the contract does not have; absent where none had any. */
  unknownFields?: Map<string, number>;
  /** Absent where none of them answers a request to send again. */
  answers?: Answers;
}

/** What is noted of each source. */
type Summary = ReadonlyMap<string, Noted>;

export function summaryOf(items: readonly Decoded<Incoming>[]): Summary {
  const bySource = new Map<string, Noted & { text: string }>();
  for (const { raw, value } of items) {
    const source = sourceOf(value) ?? sourceSystemOf(raw);
    const noted = bySource.get(source) ?? { messages: 0, newest: Number.NEGATIVE_INFINITY, text: '' };
    if (noted.messages === 0) bySource.set(source, noted);
    noted.messages += 1;
    if (value.unknownFields !== undefined) noted.unknownFields = countUnknownFields(noted.unknownFields, value.unknownFields);
    const answered = answeredCustomer(value);
    if (answered !== undefined) {
      noted.answers ??= new Map();
      noted.answers.set(answered, (noted.answers.get(answered) ?? 0) + 1);
    }
    const text = eventTimeOf(raw);
    if (isNoLater(text, noted.text)) continue;
    const time = Date.parse(text);
    // No time at all compares as false.
    if (time > noted.newest) Object.assign(noted, { newest: time, text });
  }
  return bySource;
}

/**
 * Records an applied batch, last in its transaction: how much of which source and how new it was, and one audit entry for the batch; the
 * snapshots kept per source are the detail. The row of a source and topic is shared by all partitions: taken last, it is held for the commit only.
 */
export async function noteApplied(tx: Tx, topic: string, bySource: Summary, now: Date): Promise<void> {
  const entry = Entry.fromPartial({
    entryId: newId(),
    service: 'customer',
    eventTime: now,
    actor: 'services/customer',
    operation: `sync/${topic}`,
    resource: bySource.size === 1 ? `syncStates/${[...bySource.keys()][0]}.${topic}` : '',
    decision: Decision.ALLOWED,
    traceId: traceHeaders().traceparent?.split('-')[1] ?? '',
    count: BigInt([...bySource.values()].reduce((sum, { messages }) => sum + messages, 0)),
  });
  await appendToOutbox(tx, [auditEvent(entry)]);

  const sources = [...bySource].sort(([a], [b]) => (a < b ? -1 : 1));
  await tx.query({
    name: 'note-applied',
    text: `
      INSERT INTO customer.sync_state AS state (source_system, topic, applied_messages, last_apply_time, data_as_of)
      SELECT source_system, $4, messages, $5, data_as_of
      FROM unnest($1::text[], $2::int8[], $3::timestamptz[]) AS given (source_system, messages, data_as_of)
      ON CONFLICT (source_system, topic) DO UPDATE SET applied_messages = state.applied_messages + excluded.applied_messages,
        last_apply_time = excluded.last_apply_time, data_as_of = greatest(state.data_as_of, excluded.data_as_of)`,
    values: [
      columns.texts(sources.map(([source]) => source)),
      columns.int8s(sources.map(([, { messages }]) => BigInt(messages))),
      // A source whose clock runs ahead must not make the data look newer than the moment they came.
      columns.timestamps(
        sources.map(([, { newest }]) => (Number.isFinite(newest) ? new Date(Math.min(newest, now.getTime())) : null)),
      ),
      topic,
      now,
    ],
  });
  await noteUnknownFields(tx, topic, sources, now);
  await noteAnswers(tx, topic, sources, now);
}

/** The source that a message of core banking says it is of; its header may call the sender otherwise. */
const sourceOf = ({ message }: Incoming): string | undefined => ('sourceSystem' in message ? message.sourceSystem : undefined);

/** `ce_time` of a message as it stands, empty where absent or too long for a time. */
function eventTimeOf(raw: RawMessage): string {
  const text = header(raw, 'ce_time');
  return text === undefined || text.length > 40 ? '' : text.toString('latin1');
}

/** Times in UTC, written alike, stand in the order of their texts: most need no parsing to be known for old. */
const isNoLater = (text: string, newest: string): boolean =>
  text.length === newest.length && text <= newest && text.endsWith('Z') && newest.endsWith('Z');
