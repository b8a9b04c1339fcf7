import { fieldCrypto, type Keys, otherKeys, readKeys } from '@bankcrm/access';
import { openPool } from '@bankcrm/database';
import type { Clock } from '@bankcrm/kernel';
import { type Manifest, readManifest } from '@bankcrm/manifest';
import { type Log, type PageTokens, pageTokens } from '@bankcrm/service';
import type pg from 'pg';
import { requireApplied } from './applied.ts';
import { migrateService } from './migrate-service.ts';
import { reachDatabase } from './reach-database.ts';
import type { BackendConfig } from './settings.ts';

/** What a service's own work stands on, whether or not a server and Kafka run beside it. */
export interface Parts<Config> {
  manifest: Manifest;
  config: Config;
  clock: Clock;
  log: Log;
  /** Of the purposes that the manifest names. */
  keys: Keys;
  /** Connects as the request role: serves calls. */
  requests: pg.Pool;
  /** Connects as the worker role: consumes, sweeps and works by itself. */
  workers: pg.Pool;
  pages: PageTokens;
}

export interface PartsOptions<Config> {
  config: Config;
  clock: Clock;
  log: Log;
}

const requestTimeoutMs = 5_000;
const workerTimeoutMs = 60_000;

/**
 * Brings the database of the service in a folder up to date, or without DATABASE_URL_OWNER looks whether somebody has, and opens its parts; its pools are the
 * caller's to end. Throws for a wrong manifest, for keys that are missing, and for a database that cannot be used or is not up to date.
 */
export async function openParts<Config extends BackendConfig>(
  { folder, workerStatementTimeoutMs = workerTimeoutMs }: { folder: string; workerStatementTimeoutMs?: number },
  { config, clock, log }: PartsOptions<Config>,
): Promise<Parts<Config>> {
  const manifest = readManifest(folder);
  const { name, database } = manifest;
  if (!database) throw new Error(`${name} has no database`);
  const { DATABASE_URL_OWNER: ownerUrl, DATABASE_URL_REQUEST: requestUrl, DATABASE_URL_WORKER: workerUrl } = config;
  if (ownerUrl) {
    await reachDatabase('DATABASE_URL_OWNER', ownerUrl);
    await migrateService(ownerUrl, folder);
  }
  await reachDatabase('DATABASE_URL_REQUEST', requestUrl);
  await reachDatabase('DATABASE_URL_WORKER', workerUrl, ownerUrl ? undefined : (client) => requireApplied(client, folder));
  const keys = keysOf(config.KEYS_FILE, manifest, log);
  const open = (role: 'request' | 'worker', url: string, statementTimeoutMs: number): pg.Pool =>
    openPool({ url, name: `${name}-${role}`, maxConnections: database.connections[role], statementTimeoutMs });
  return {
    manifest,
    config,
    clock,
    log,
    keys,
    requests: open('request', requestUrl, requestTimeoutMs),
    workers: open('worker', workerUrl, workerStatementTimeoutMs),
    pages: pagesBy(keys),
  };
}

function keysOf(path: string, { secrets }: Manifest, log: Log): Keys {
  try {
    // A file of before a rolling upgrade holds every service's keys: said, so that it is put right, and no reason to stand still.
    const others = otherKeys(path, secrets);
    if (others.length > 0)
      log.warn({ purposes: others }, 'the key file holds keys that are not among the secrets of service.yaml');
    return readKeys(path, secrets);
  } catch (cause) {
    throw new Error('KEYS_FILE names no file with the keys of this service', { cause });
  }
}

/** Made at first use: a service without pages has no keys for them. */
function pagesBy(keys: Keys): PageTokens {
  let made: PageTokens | undefined;
  const pages = (): PageTokens => {
    made ??= pageTokens(fieldCrypto(keys.pageToken));
    return made;
  };
  return { issue: (...position) => pages().issue(...position), read: (...token) => pages().read(...token) };
}
