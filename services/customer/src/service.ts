import { join } from 'node:path';
import type { Backend } from '@bankcrm/backend';
import { coreTopics } from '@bankcrm/contract';
import { inTransaction, nobody, type Tx } from '@bankcrm/database';
import { SyncPauses } from './app/operators/sync-pauses.ts';
import { SyncProgress } from './app/operators/sync-progress.ts';
import { placements } from './app/publishing/placements.ts';
import { products } from './app/publishing/products.ts';
import { profiles } from './app/publishing/profiles.ts';
import { reconcile } from './app/reconcile/reconcile.ts';
import { identifyingValueForms } from './app/renew-forms/identifying-values.ts';
import { nameForms } from './app/renew-forms/names.ts';
import { renewForms } from './app/renew-forms/renew-forms.ts';
import { backgroundWork } from './app/sync/background.ts';
import { Config } from './config.ts';
import { addContacts } from './entry/grpc/contacts.ts';
import { addCoreBankingSync } from './entry/grpc/core-banking-sync.ts';
import { addCustomers } from './entry/grpc/customers.ts';
import { addInteractions } from './entry/grpc/interactions.ts';
import { addProducts } from './entry/grpc/products.ts';
import { type Consumers, startConsumers } from './entry/kafka/consumers.ts';
import { consuming, customerDeps, openOwnParts, syncOperationDeps } from './parts.ts';
import { sweepEndedAccess } from './store/ended-access.ts';
import { sweepLookUpMisses } from './store/look-up-misses.ts';
import { sweepResyncs } from './store/resyncs.ts';

/** How long ago the database was last read for the service to count as ready. */
const databaseSilenceMs = 5_000;

/** Messages of core banking that wait while a first load goes on: then what is published may fall behind, and applying goes first. */
const loadMessages = 5_000n;
const coreTopicNames: ReadonlySet<string> = new Set(Object.values(coreTopics));

export const customer: Backend<Config> = {
  folder: join(import.meta.dirname, '..'),
  config: Config,

  async start(platform) {
    const { config, clock, log, workers, staff, kafka, repeat } = platform;
    const own = await openOwnParts(platform, staff);
    const pauses = new SyncPauses(workers);
    const progress = new SyncProgress(workers, clock);
    let databaseReadAt = 0;
    const readPauses = async (): Promise<void> => {
      await pauses.refresh();
      databaseReadAt = clock.now().getTime();
    };
    await readPauses();

    let consumers: Consumers | undefined;
    const lag = async () => (await consumers?.lag()) ?? [];
    const sweep = (deleteOld: (tx: Tx, now: Date) => Promise<number>) => async () =>
      (await inTransaction(workers, nobody, (tx) => deleteOld(tx, clock.now()))) > 0;
    let isLoading = false;
    const lookForLoad = async (): Promise<void> => {
      const moving = (await lag()).filter(({ topic, stopped }) => coreTopicNames.has(topic) && stopped === null);
      isLoading = moving.reduce((sum, { messages }) => sum + messages, 0n) > loadMessages;
    };
    const background = backgroundWork(workers, own.syncDeps, clock);
    const loops = [
      repeat('read-pauses', 500, readPauses),
      repeat('look-for-load', 1_000, lookForLoad),
      repeat('sample-progress', 5_000, () => progress.sample()),
      repeat('refresh-totals', 500, background.refreshTotals),
      repeat('move-maturities', 5_000, background.moveMaturities),
      repeat('place-customers', 1_000, background.placeCustomers),
      repeat('renew-forms', 60_000, renewForms(workers, [identifyingValueForms(own), nameForms], log)),
      repeat('sweep-look-up-misses', 300_000, sweep(sweepLookUpMisses)),
      repeat('sweep-resyncs', 300_000, sweep(sweepResyncs)),
      repeat('sweep-ended-access', 300_000, sweep(sweepEndedAccess)),
      repeat('reconcile', 5_000, reconcile({ workers, lag, clock, log, everyMs: config.RECONCILE_EVERY_MS })),
    ];
    for (const loop of loops) loop.soon();

    return {
      serve(server) {
        const deps = customerDeps(platform, own, staff);
        addCustomers(server, deps);
        addInteractions(server, deps);
        addContacts(server, deps);
        addProducts(server, deps);
        addCoreBankingSync(server, syncOperationDeps(platform, own, lag, progress));
      },
      consume() {
        consumers = startConsumers(consuming(platform, own, kafka, pauses), {
          panels: config.PANEL_TOPICS,
          timeline: config.TIMELINE_TOPICS,
        });
        return consumers;
      },
      sealer: own.sealer,
      statesYieldTo: () => isLoading,
      states: [placements, products, profiles({ ...own.syncDeps, now: () => clock.now() })],
      ready: { database: () => clock.now().getTime() - databaseReadAt < databaseSilenceMs },
    };
  },
};
