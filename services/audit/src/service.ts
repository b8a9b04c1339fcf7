import { join } from 'node:path';
import { fieldCrypto, fileSigner } from '@bankcrm/access';
import { type Backend, sqlDatabase } from '@bankcrm/backend';
import { openSender } from '@bankcrm/events';
import { anchorHeads } from './app/anchor-heads.ts';
import { checkNumbers } from './app/check-numbers.ts';
import { makeHead } from './app/make-head.ts';
import { Config } from './config.ts';
import { addAudit } from './entry/grpc.ts';
import { type Consumers, startConsumers } from './entry/kafka.ts';
import { fileAnchor } from './store/file-anchor.ts';
import { topicAnchor } from './store/topic-anchor.ts';

/** Between two heads while entries come: at most a second, anchoring included. */
const headEveryMs = 500;
/** Since when heads may have waited for their anchors for the service to be well. */
const anchorSilenceMs = 30_000;

export const audit: Backend<Config> = {
  folder: join(import.meta.dirname, '..'),
  config: Config,

  start({ config, manifest, requests, workers, keys, pages, staff, clock, log, kafka, repeat }) {
    const signer = fileSigner(keys.headSigning);
    const sealer = fieldCrypto(keys.reply);
    const topicPrefix = config.KAFKA_TOPIC_PREFIX;
    const sender = openSender({ kafka, service: manifest.name, log, topicPrefix });
    const anchors = [fileAnchor(config.ANCHOR_FOLDER), topicAnchor(sender)];
    const make = makeHead({ workers, signer, clock });
    const anchor = anchorHeads({ workers, anchors, clock });
    let anchoredAt = clock.now().getTime();

    let consumers: Consumers | undefined;
    // Without Kafka nobody knows what is left to read; the consumer says so itself.
    const lag = async () => (await consumers?.lag().catch(() => [])) ?? [];
    const numbers = checkNumbers({ workers, lag, clock, log });
    repeat('make-head', headEveryMs, async () => {
      const isMore = await make();
      const isMoreToAnchor = await anchor();
      anchoredAt = clock.now().getTime();
      return isMore || isMoreToAnchor;
    });
    repeat('check-numbers', 2_000, numbers.turn);

    return {
      serve: (server) =>
        addAudit(server, {
          ...{ requests, staff, pages, auditKeys: keys.audit, clock, signer },
          ...{ service: manifest.name, database: sqlDatabase(requests), sealer, timeZone: config.BANK_TIME_ZONE },
        }),
      consume() {
        consumers = startConsumers({ kafka, topicPrefix, workers, sealer, clock, log });
        return consumers;
      },
      parts: {
        anchors: () => clock.now().getTime() - anchoredAt < anchorSilenceMs,
        numbers: numbers.holds,
      },
      close: () => sender.close(),
    };
  },
};
