import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { fieldCrypto, permissionTable, rolesOfPeople } from '@bankcrm/access';
import type { Backend } from '@bankcrm/backend';
import { bootstrapAdmin } from './app/bootstrap-admin.ts';
import { importBank, readBankFile } from './app/import-bank.ts';
import { publishRoles } from './app/publish-roles.ts';
import { reconciler } from './app/reconcile.ts';
import { Config } from './config.ts';
import { temporaryPassword } from './domain/account.ts';
import { addServices } from './entry/grpc.ts';
import { openDatabase } from './store/database.ts';
import { keycloakAccounts } from './store/identity-provider.ts';
import { hearChanges } from './store/notifications.ts';
import { orgUnitStates } from './store/org-unit-states.ts';
import { records } from './store/records.ts';
import { followFeed, StaffFeed } from './store/staff-feed.ts';
import { rolesToWire } from './store/wire.ts';

const reconcileEveryMs = 1_000;

export const directory: Backend<Config> = {
  folder: join(import.meta.dirname, '..'),
  config: Config,
  // A connection that died must not keep the staff feed waiting for longer than the other services bear its silence.
  workerStatementTimeoutMs: 10_000,

  async start({ manifest, config, clock, log, keys, requests, workers, pages, staff, token, signal, repeat, onStop }) {
    const database = openDatabase(requests);
    const workerDatabase = openDatabase(workers);

    const roles = rolesToWire(permissionTable);
    const ownDeps = { database: workerDatabase, records: records(keys.audit), clock };
    await publishRoles(ownDeps, roles);
    const { DEMO_BANK_FILE, BOOTSTRAP_ADMIN_STAFF_NUMBER: staffNumber, BOOTSTRAP_ADMIN_EMAIL: email } = config;
    if (DEMO_BANK_FILE)
      log.info(await importBank(ownDeps, readBankFile(DEMO_BANK_FILE), permissionTable), 'imported the demo bank');
    if (staffNumber && email && (await bootstrapAdmin(ownDeps, { staffNumber, email })))
      log.info({}, 'created the first administrator');

    const identityProvider = keycloakAccounts({ baseUrl: config.KEYCLOAK_ADMIN_URL, realm: config.KEYCLOAK_REALM, token });
    const reconcile = reconciler({ workers, identityProvider, clock, log });
    const reconcileLoop = repeat('reconcile', reconcileEveryMs, reconcile.due);
    repeat('compare-accounts', config.COMPARE_ACCOUNTS_EVERY_MS, async () => {
      if (await reconcile.compare()) reconcileLoop.soon();
    });

    const feed = new StaffFeed({ workers, roles, clock, log });
    hearChanges({ url: config.DATABASE_URL_WORKER, heard: feed.soon, log, signal });
    followFeed(feed, staff, signal);
    onStop('feed', 2_000, () => feed.stop());

    return {
      serve: (server) =>
        addServices(server, {
          service: manifest.name,
          database,
          records: ownDeps.records,
          clock,
          sealer: fieldCrypto(keys.reply),
          pages,
          roles,
          roleIds: rolesOfPeople(permissionTable),
          reconcile,
          reconcileSoon: reconcileLoop.soon,
          identityProvider,
          feed,
          temporaryPassword: () => temporaryPassword(randomBytes(256)),
        }),
      ready: { database: () => feed.fresh },
      states: [orgUnitStates],
      // A turn waits for the identity provider.
      workEndsWithinMs: 25_000,
      async close() {
        await Promise.all([database.close(), workerDatabase.close()]);
      },
    };
  },
};
