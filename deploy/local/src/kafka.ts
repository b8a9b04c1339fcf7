import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Kafka, logLevel } from 'kafkajs';
import { type Child, startChild, untilReady } from './child.ts';
import type { KafkaAccess } from './kafka-access.ts';
import { layout } from './paths.ts';
import { StackProblem } from './problem.ts';
import type { ProcessTable } from './process-table.ts';
import type { TlsFiles } from './tls.ts';

const run = promisify(execFile);

type KafkaOptions = {
  dir: string;
  libs: string;
  controllerPort: number;
  listeners: KafkaListeners;
  /** How the starter itself reaches it. */
  reach: KafkaAccess;
  signal?: AbortSignal | undefined;
};

/** Where Kafka takes connections: in the clear on a port of loopback, by TLS and SCRAM-SHA-512 at an address, or both. */
export type KafkaListeners = {
  plain?: { port: number };
  encrypted?: { address: string; advertised: string; port: number; files: TlsFiles };
};

/** One node is broker and controller. Its id and cluster id live in its data; everything with a port is written anew at each start. */
function properties(dataDir: string, { controllerPort, listeners }: KafkaOptions): string {
  const { plain, encrypted } = listeners;
  const at = (of: 'address' | 'advertised'): string[] => [
    ...(plain === undefined ? [] : [`PLAINTEXT://127.0.0.1:${plain.port}`]),
    ...(encrypted === undefined ? [] : [`ENCRYPTED://${encrypted[of]}:${encrypted.port}`]),
  ];
  return `${Object.entries({
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': plain === undefined ? 'ENCRYPTED' : 'PLAINTEXT',
    listeners: [`CONTROLLER://127.0.0.1:${controllerPort}`, ...at('address')].join(','),
    'advertised.listeners': at('advertised').join(','),
    'listener.security.protocol.map': `PLAINTEXT:PLAINTEXT,CONTROLLER:${plain === undefined ? 'SSL' : 'PLAINTEXT'},ENCRYPTED:SASL_SSL`,
    ...(encrypted === undefined ? {} : encryption(encrypted.files)),
    'log.dirs': dataDir,
    // A misspelt topic must fail, not appear with one partition and a week's retention.
    'auto.create.topics.enable': 'false',
    'num.partitions': '12',
    'default.replication.factor': '1',
    'offsets.topic.replication.factor': '1',
    'offsets.topic.num.partitions': '12',
    'offsets.retention.minutes': '525600',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'transaction.state.log.num.partitions': '12',
    'share.coordinator.state.topic.replication.factor': '1',
    'share.coordinator.state.topic.min.isr': '1',
    'group.initial.rebalance.delay.ms': '0',
    'message.max.bytes': '2097152',
    'replica.fetch.max.bytes': '4194304',
    'log.segment.bytes': '134217728',
  })
    .map(([name, value]) => `${name}=${value}`)
    .join('\n')}\n`;
}

/** The broker shows its certificate, and believes its own kind where it is its own client; the controller lets in those who show one. */
function encryption({ caFile, kafka: { keystoreFile, username, password } }: TlsFiles): Record<string, string> {
  return {
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': keystoreFile,
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': caFile,
    'listener.name.controller.ssl.client.auth': 'required',
    'sasl.mechanism.inter.broker.protocol': 'SCRAM-SHA-512',
    'listener.name.encrypted.sasl.enabled.mechanisms': 'SCRAM-SHA-512',
    'listener.name.encrypted.scram-sha-512.sasl.jaas.config': `org.apache.kafka.common.security.scram.ScramLoginModule required username="${username}" password="${password}";`,
  };
}

const logging = `<?xml version="1.0" encoding="UTF-8"?>
<Configuration status="warn">
  <Appenders><Console name="out" target="SYSTEM_OUT"><PatternLayout pattern="%d{ISO8601} %p %c{1} %m%n"/></Console></Appenders>
  <Loggers><Root level="info"><AppenderRef ref="out"/></Root></Loggers>
</Configuration>
`;

/** Starts Kafka (KRaft, one node), formatting its storage first where there is none. Ready when a client can list the cluster. */
export async function startKafka(options: KafkaOptions, table: ProcessTable): Promise<Child> {
  const { kafkaDir, logDir, runDir } = layout(options.dir);
  mkdirSync(runDir, { recursive: true });
  const config = join(runDir, 'kafka.properties');
  const log4j = join(runDir, 'kafka-log4j2.xml');
  writePrivate(config, properties(kafkaDir, options));
  writeFileSync(log4j, logging);
  if (!existsSync(join(kafkaDir, 'meta.properties'))) await format(kafkaDir, options);
  const child = startChild(
    {
      part: 'kafka',
      command: 'java',
      args: [
        '-Xms256m',
        '-Xmx640m',
        '-XX:+UseG1GC',
        '-XX:+ExitOnOutOfMemoryError',
        `-Dlog4j2.configurationFile=${log4j}`,
        '-cp',
        join(options.libs, '*'),
        'kafka.Kafka',
        config,
      ],
      cwd: '/',
      logFile: join(logDir, 'kafka.log'),
      stopSignal: 'SIGTERM',
      stopTimeoutMs: 20_000,
    },
    table,
  );
  try {
    await untilReady(child, () => answers(options.reach), 120_000, options.signal);
  } catch (error) {
    await child.stop();
    throw error;
  }
  return child;
}

/** Formats beside and renames: an interrupted format is never taken for a good one. */
async function format(kafkaDir: string, options: KafkaOptions): Promise<void> {
  const draft = `${kafkaDir}.draft`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true });
  const config = join(layout(options.dir).runDir, 'kafka-format.properties');
  writePrivate(config, properties(draft, options));
  const tool = ['-cp', join(options.libs, '*'), 'kafka.tools.StorageTool'];
  try {
    // Kafka writes its ids as URL-safe base64 of 16 bytes, and takes none that begins with a dash for an argument.
    const clusterId = `k${randomBytes(16).toString('base64url').slice(1)}`;
    const { username, password } = options.listeners.encrypted?.files.kafka ?? {};
    const user = username ? ['--add-scram', `SCRAM-SHA-512=[name=${username},password=${password}]`] : [];
    await run('java', [...tool, 'format', '-t', clusterId, '-c', config, ...user], { timeout: 60_000 });
  } catch (cause) {
    throw new StackProblem(`Kafka could not format its storage: ${(cause as Error).message}`, { cause });
  }
  renameSync(draft, kafkaDir);
}

/** It may hold a password. */
function writePrivate(path: string, text: string): void {
  writeFileSync(path, text, { mode: 0o600 });
  chmodSync(path, 0o600);
}

async function answers({ brokers, access }: KafkaAccess): Promise<boolean> {
  const admin = new Kafka({
    clientId: 'local-stack',
    brokers,
    ...access,
    connectionTimeout: 2_000,
    requestTimeout: 5_000,
    logLevel: logLevel.NOTHING,
    retry: { retries: 0 },
  }).admin();
  try {
    await admin.connect();
    const { brokers } = await admin.describeCluster();
    return brokers.length === 1;
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}
