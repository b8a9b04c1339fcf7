import { openSender, startConsumer } from '@bankcrm/events';
import type { DatabaseUrls } from '@bankcrm/local';
import { childConfig } from '@bankcrm/testing/child.ts';
import { anchorHeads } from '../../src/app/anchor-heads.ts';
import { appendEntries, decodeEntry } from '../../src/app/append-entries.ts';
import { makeHead } from '../../src/app/make-head.ts';
import { fileAnchor } from '../../src/store/file-anchor.ts';
import { topicAnchor } from '../../src/store/topic-anchor.ts';
import { openLog, topic } from './log.ts';

/** What the child is told. */
export interface LogChildConfig {
  urls: DatabaseUrls;
  prefix: string;
  kafkaGroup: string;
  anchorFolder: string;
}

/** Consumes, makes heads and anchors them in a process of its own, which a test kills. */
const { urls, prefix, kafkaGroup, anchorFolder } = childConfig<LogChildConfig>();
const { stack, workers, signer, clock, sealer } = await openLog({ urls });
const write = (fields: object, message: string) => console.log(message, JSON.stringify(fields));
const log = { info: write, warn: write, error: write };
const kafka = { brokers: stack.kafka.brokers, clientId: 'child' };

startConsumer({
  kafka,
  group: 'audit-entries',
  kafkaGroup,
  topics: [topic],
  topicPrefix: prefix,
  workers,
  sealer,
  clock,
  log,
  decode: decodeEntry,
  apply: appendEntries,
  limits: {
    maxBatchMessages: 20,
    partitionsConcurrently: 4,
    sessionTimeoutMs: 6_000,
    maxWaitMs: 50,
    checkMs: 200,
    maxBackoffMs: 500,
  },
});
const sender = openSender({ kafka, service: 'audit', log, topicPrefix: prefix });
const make = makeHead({ workers, signer, clock });
const anchor = anchorHeads({ workers, anchors: [fileAnchor(anchorFolder), topicAnchor(sender)], clock });
for (;;) {
  await make().then(anchor, (error: unknown) => console.log('no head', error));
  await new Promise((resolve) => setTimeout(resolve, 20));
}
