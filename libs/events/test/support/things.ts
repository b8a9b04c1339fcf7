import { inTransaction, nobody, type Tx } from '@bankcrm/database';
import { Heartbeat } from '@bankcrm/proto/gen/bankcrm/heartbeat/v1/heartbeat.ts';
import { markStates, type StateFeed } from '../../src/index.ts';
import type { Bench } from './bench.ts';
import type { Collected } from './collect.ts';

/** A table of its own kind, whose rows are published as newest states. */
export const thingsTopic = 'things';

export const thingsFeed: StateFeed = {
  name: 'things',
  topic: thingsTopic,
  keysAfter: 'SELECT id AS key FROM thing WHERE id > $1 ORDER BY id LIMIT $2',
  async read(tx, keys, sequence) {
    const { rows } = await tx.query<{ id: string; value: bigint }>('SELECT id, value FROM thing WHERE id = ANY ($1)', [keys]);
    return rows.map(({ id, value }) => {
      const payload = Buffer.from(String(value));
      return { type: 'test.Thing', key: id, subject: `things/${id}`, sequence, payload };
    });
  },
};

export const createThings = (bench: Bench) =>
  bench.owner.query(`
    CREATE TABLE thing (id text PRIMARY KEY, value bigint NOT NULL);
    GRANT SELECT, INSERT, UPDATE ON thing TO customer_request, customer_worker;`);

/** Raises things by one in the open transaction, each from 0 when it is new, and marks them. */
export async function raise(tx: Tx, ids: readonly string[]): Promise<void> {
  await tx.query(
    `INSERT INTO thing AS old (id, value) SELECT id, 1 FROM unnest($1::text[]) AS id ORDER BY id
     ON CONFLICT (id) DO UPDATE SET value = old.value + 1`,
    [ids],
  );
  await markStates(tx, thingsFeed.name, ids);
}

export const raiseOnce = (bench: Bench, ...ids: string[]) => inTransaction(bench.request, nobody, (tx) => raise(tx, ids));

export const isBeat = ({ headers }: Collected): boolean => headers.ce_type === 'bankcrm.heartbeat.v1.Heartbeat';
export const asOfOf = ({ value }: Collected): Date => Heartbeat.decode(value).asOf!;

/** What compaction leaves of the states: by key the value that was written last. */
export const newestOf = (messages: readonly Collected[]): Record<string, string> =>
  Object.fromEntries(messages.filter((message) => !isBeat(message)).map(({ key, value }) => [key, String(value)]));
