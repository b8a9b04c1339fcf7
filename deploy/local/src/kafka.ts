import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Kafka, logLevel } from 'kafkajs';
import { type Child, startChild, untilReady } from './child.ts';
import { layout } from './paths.ts';
import { StackProblem } from './problem.ts';
import type { ProcessTable } from './process-table.ts';
import type { TlsFiles } from './tls.ts';

const run = promisify(execFile);

type KafkaOptions = {
  dir: string;
  libs: string;
  port: number;
  controllerPort: number;
  /** Opens one more port, for TLS and SCRAM-SHA-512. */
  tls?: { port: number; files: TlsFiles } | undefined;
  signal?: AbortSignal | undefined;
};

/** One node is broker and controller. Its id and cluster id live in its data; everything with a port is written anew at each start. */
function properties(dataDir: string, { port, controllerPort, tls }: KafkaOptions): string {
  const listener = (host: string) => (tls === undefined ? '' : `,ENCRYPTED://${host}:${tls.port}`);
  return `${Object.entries({
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}${listener('127.0.0.1')}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}${listener('localhost')}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,ENCRYPTED:SASL_SSL',
    ...(tls === undefined
      ? {}
      : {
          'listener.name.encrypted.ssl.keystore.type': 'PEM',
          'listener.name.encrypted.ssl.keystore.location': tls.files.keystoreFile,
          'listener.name.encrypted.sasl.enabled.mechanisms': 'SCRAM-SHA-512',
          'listener.name.encrypted.scram-sha-512.sasl.jaas.config':
            'org.apache.kafka.common.security.scram.ScramLoginModule required;',
        }),
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

const logging = `<?xml version="1.0" encoding="UTF-8"?>
<Configuration status="warn">
  <Appenders><Console name="out" target="SYSTEM_OUT"><PatternLayout pattern="%d{ISO8601} %p %c{1} %m%n"/></Console></Appenders>
  <Loggers><Root level="info"><AppenderRef ref="out"/></Root></Loggers>
</Configuration>
`;

/** Starts Kafka (KRaft, one node) on loopback, formatting its storage first where there is none. Ready when a client can list the cluster. */
export async function startKafka(options: KafkaOptions, table: ProcessTable): Promise<Child> {
  const { kafkaDir, logDir, runDir } = layout(options.dir);
  mkdirSync(runDir, { recursive: true });
  const config = join(runDir, 'kafka.properties');
  const log4j = join(runDir, 'kafka-log4j2.xml');
  writeFileSync(config, properties(kafkaDir, options));
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
    await untilReady(child, () => answers(options.port), 120_000, options.signal);
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
  writeFileSync(config, properties(draft, options));
  const tool = ['-cp', join(options.libs, '*'), 'kafka.tools.StorageTool'];
  try {
    // Kafka writes its ids as URL-safe base64 of 16 bytes, and takes none that begins with a dash for an argument.
    const clusterId = `k${randomBytes(16).toString('base64url').slice(1)}`;
    const { username, password } = options.tls?.files ?? {};
    const user = username ? ['--add-scram', `SCRAM-SHA-512=[name=${username},password=${password}]`] : [];
    await run('java', [...tool, 'format', '-t', clusterId, '-c', config, ...user], { timeout: 60_000 });
  } catch (cause) {
    throw new StackProblem(`Kafka could not format its storage: ${(cause as Error).message}`, { cause });
  }
  renameSync(draft, kafkaDir);
}

async function answers(port: number): Promise<boolean> {
  const admin = new Kafka({
    clientId: 'local-stack',
    brokers: [`127.0.0.1:${port}`],
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
