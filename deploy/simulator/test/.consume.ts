import { Kafka, logLevel } from 'kafkajs';

const k = new Kafka({ brokers: ['127.0.0.1:22011'], logLevel: logLevel.ERROR });
const a = k.admin();
await a.connect();
for (const t of await a.listTopics())
  if (t.startsWith('corebanking')) {
    const o = await a.fetchTopicOffsets(t);
    console.log(
      t,
      o.length,
      o.reduce((s, x) => s + Number(x.offset), 0),
      o.map((x) => x.offset).join(),
    );
  }
await a.disconnect();
