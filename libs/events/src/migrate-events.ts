import { fileURLToPath } from 'node:url';
import { migrateSchema, type Schema, type SchemaUsers } from '@bankcrm/database';

/**
 * The schema `events`: the request role appends to the outbox and sees dead letters only while a member of staff is asking; the worker
 * role consumes and relays.
 */
export const eventsSchema: Schema = {
  name: 'events',
  folder: fileURLToPath(new URL('../db/migrations', import.meta.url)),
  uses: (request, worker) => ({
    grants: `
        GRANT USAGE ON SCHEMA events TO ${request}, ${worker};
        GRANT SELECT ON events.kafka_offset TO ${request};
        GRANT SELECT, INSERT, UPDATE ON events.kafka_offset TO ${worker};
        GRANT INSERT ON events.outbox TO ${request};
        GRANT SELECT, INSERT, UPDATE, DELETE ON events.outbox TO ${worker};
        GRANT SELECT, UPDATE ON events.entry_counter TO ${worker};
        GRANT SELECT, UPDATE (state, correction_version, update_time, version) ON events.dead_letter TO ${request};
        GRANT SELECT, INSERT, UPDATE, DELETE ON events.dead_letter TO ${worker};
        GRANT SELECT, INSERT ON events.dead_letter_correction TO ${request};
        GRANT SELECT ON events.dead_letter_correction TO ${worker};
        GRANT SELECT, UPDATE (epoch) ON events.epoch TO ${worker};
        GRANT INSERT ON events.state_mark TO ${request};
        GRANT SELECT, INSERT, DELETE ON events.state_mark TO ${worker};
        GRANT SELECT, INSERT, UPDATE ON events.state_feed TO ${worker};`,
    policies: [
      ...['dead_letter', 'dead_letter_correction', 'epoch', 'state_mark', 'state_feed'].map((table) => ({
        table,
        name: 'worker_all',
        definition: `TO ${worker} USING (true) WITH CHECK (true)`,
      })),
      ...['dead_letter', 'dead_letter_correction'].map((table) => ({
        table,
        name: 'staff_only',
        definition: `TO ${request} USING (coalesce(current_setting('bankcrm.staff_id', true), '') <> '')`,
      })),
      { table: 'state_mark', name: 'request_adds', command: 'INSERT' as const, definition: `TO ${request} WITH CHECK (true)` },
    ],
  }),
};

/** Creates or updates it, see {@link migrateSchema}. */
export const migrateEvents = (users: SchemaUsers): Promise<string[]> => migrateSchema(users, eventsSchema);
