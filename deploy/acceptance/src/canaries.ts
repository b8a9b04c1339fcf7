import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ServiceName } from '@bankcrm/local';
import { allTopics, readContractTopics, readManifests, repositoryRoot } from '@bankcrm/manifest';
import { contentOf, topicNames } from './kafka.ts';
import { database, type Query } from './postgres.ts';
import { stack } from './run.ts';
import { services } from './services.ts';
import { exportsOf } from './spans.ts';

/** Values planted to be looked for, by the field they were planted in, and a word more where that has several. Numbers are whole units. */
export type Canaries = Readonly<Record<string, string | bigint>>;

/** How a value may stand somewhere although nobody wrote it as it is: as bytes in hexadecimal, in base64, in JSON's escapes, in an address. */
function spellings(value: string | bigint): string[] {
  // In digits, where those of minor units begin with those of whole ones, or as protobuf has either.
  if (typeof value === 'bigint') return [String(value), varint(value), varint(value * 100n)];
  const bytes = Buffer.from(value);
  // Base64 depends on what stands before: the middle is the same for each of the three places in a group.
  const base64 = [0, 1, 2].map((shift) =>
    Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .slice(4, -4),
  );
  const escaped = [...value]
    .map((character) => (character > '~' ? `\\u${character.codePointAt(0)!.toString(16).padStart(4, '0')}` : character))
    .join('');
  return [
    ...new Set([value, bytes.toString('hex'), ...base64.filter((text) => text.length >= 12), escaped, encodeURIComponent(value)]),
  ];
}

function varint(value: bigint): string {
  const low = String.fromCharCode(Number(value & 127n) | (value > 127n ? 128 : 0));
  return value > 127n ? low + varint(value >> 7n) : low;
}

/** Which canaries stand in a text: `mobile in customer.log`. */
export function sightings(canaries: Canaries, where: string, text: string): string[] {
  return Object.entries(canaries).flatMap(([what, value]) =>
    spellings(value).some((spelling) => text.includes(spelling)) ? [`${what} in ${where}`] : [],
  );
}

/** In every log file of the platform, servers' included, and in all telemetry. */
export function sightingsInLogs(canaries: Canaries): string[] {
  const { logDir } = stack();
  const inLogs = readdirSync(logDir).flatMap((file) => sightings(canaries, file, readFileSync(join(logDir, file), 'utf8')));
  return [...inLogs, ...services.flatMap((service) => sightings(canaries, `telemetry of ${service}`, exportsOf(service)))];
}

/** In every record of our own topics, keys, headers and values, but what a topic's manifest says that it holds. */
export async function sightingsInEvents(identifying: Canaries, financial: Canaries): Promise<string[]> {
  const holds = new Map(allTopics(readManifests(), readContractTopics(repositoryRoot)).map((topic) => [topic.name, topic.holds]));
  const found: string[] = [];
  for (const topic of (await topicNames()).filter((name) => name.startsWith('bankcrm.'))) {
    if (holds.get(topic) === 'c2') continue;
    const canaries = holds.get(topic) === 'c2-financial' ? identifying : { ...identifying, ...financial };
    for (const { key, value, headers } of await contentOf(topic))
      found.push(
        ...sightings(canaries, topic, `${key} ${JSON.stringify(headers)} ${value.toString('latin1')} ${value.toString('utf8')}`),
      );
  }
  return [...new Set(found)];
}

/** A moment in a service's database; what is written later was written by a transaction of a higher number. */
export const momentOf = (service: ServiceName): Promise<string> =>
  database(stack(), service, async (query) => {
    const { rows } = await query('SELECT (pg_snapshot_xmin(pg_current_snapshot())::text::bigint & 4294967295)::text AS moment');
    return rows[0]!.moment as string;
  });

/** In every column, whatever its type, of every row that was written to any table of a service since a moment before the canaries were planted. */
export function sightingsInTables(canaries: Canaries, service: ServiceName, since: string): Promise<string[]> {
  return database(stack(), service, async (query) => {
    const found: string[] = [];
    for (const { schema, table } of await tablesOf(query))
      for (const [what, value] of Object.entries(canaries)) {
        // A row as text has all its columns in it, bytes in hexadecimal. CASE: the cheap condition is to be asked first.
        const { rows } = await query(
          `SELECT count(*)::int AS count FROM "${schema}"."${table}" AS t WHERE CASE WHEN t.xmin::text::bigint >= $2 THEN t::text LIKE ANY ($1) END`,
          [spellings(value).map((spelling) => `%${spelling.replaceAll(/[\\%_]/g, '\\$&')}%`), since],
        );
        if (rows[0]?.count !== 0) found.push(`${what} in ${service}: ${schema}.${table}`);
      }
    return found;
  });
}

async function tablesOf(query: Query): Promise<{ schema: string; table: string }[]> {
  const { rows } = await query(
    `SELECT schemaname AS schema, tablename AS table FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2`,
  );
  return rows as { schema: string; table: string }[];
}
