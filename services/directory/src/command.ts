/**
 * Commands of the directory, by the environment of the service:
 *   import <calendar> <file>    replaces a year of a business calendar by what a JSON file says, such as one of github.com/NateScarlet/holiday-cn
 * On the local stack: npm run calendars -- import cn 2027.json
 */
import { readFileSync } from 'node:fs';
import { readKeys } from '@bankcrm/access';
import { openPool } from '@bankcrm/database';
import { AppError, type JsonValue, parseJson, systemClock } from '@bankcrm/kernel';
import { errorText, parseEnv } from '@bankcrm/service';
import { importCalendarFile } from './app/import-calendar-file.ts';
import { Config } from './config.ts';
import { openDatabase } from './store/database.ts';
import { records } from './store/records.ts';

const [name, calendarId, path, ...more] = process.argv.slice(2);
if (name !== 'import' || calendarId === undefined || path === undefined || more.length > 0) {
  console.error('Which file into which calendar? import cn 2027.json');
  process.exitCode = 2;
} else {
  try {
    await run(calendarId, objectIn(parseJson(readFileSync(path))));
  } catch (error) {
    console.error(textOf(error));
    process.exitCode = 2;
  }
}

async function run(id: string, file: Record<string, JsonValue>): Promise<void> {
  const { DATABASE_URL_WORKER: url, KEYS_FILE } = parseEnv(Config, process.env);
  const pool = openPool({ url, name: 'directory-calendars', maxConnections: 1, statementTimeoutMs: 10_000 });
  const database = openDatabase(pool);
  try {
    const deps = { database, records: records(readKeys(KEYS_FILE, ['audit']).audit), clock: systemClock };
    const { displayName, years } = await importCalendarFile(deps, id, file);
    console.log(`calendars/${id} (${displayName}) has the years ${years.map(({ year }) => year).join(', ')}.`);
  } finally {
    await database.close();
    await pool.end();
  }
}

function objectIn(value: JsonValue): Record<string, JsonValue> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('The file must hold a JSON object.');
  return value;
}

/** What to change, where the file is at fault. */
function textOf(error: unknown): string {
  if (!(error instanceof AppError)) return errorText(error);
  return [error.reason, ...error.fields.map(({ field, description }) => `  ${field} ${description}`)].join('\n');
}
