import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { kafkaAccess, readStack, StackProblem } from '@bankcrm/local';
import { type Command, parseCommand, usage } from './cli.ts';
import { ledgerOf } from './ledger.ts';
import { live } from './live.ts';
import { type Progress, type PublishOptions, publish } from './publish.ts';
import { answerRequests } from './requests.ts';
import { simulate } from './simulate.ts';
import { UsageError } from './usage-error.ts';

const LIVE_MESSAGES_PER_SECOND = 20;
const PROGRESS_EVERY_MS = 2_000;

const stop = new AbortController();
// The first signal ends cleanly after the batch in hand; a second one finds no handler and ends the process.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());

try {
  const command = parseCommand(process.argv.slice(2));
  if (command.help) console.log(usage);
  else await run(command);
} catch (error) {
  if (!(error instanceof UsageError || error instanceof StackProblem)) throw error;
  console.error(`simulate: ${error.message}`);
  process.exitCode = 2;
}

async function run(command: Command): Promise<void> {
  if (command.ledger !== undefined) await writeLedger(command.ledger, command);
  const cluster = command.brokers === undefined ? kafkaAccess(readStack()) : { brokers: command.brokers };
  const target = { ...cluster, prefix: command.prefix, signal: stop.signal };
  if (command.load) {
    const total = await publish(simulate(command.simulate), { ...target, rate: command.rate, onProgress: reporter() });
    console.log(`${stop.signal.aborted ? 'stopped' : 'loaded'}: ${describe(total)}`);
  }
  if (stop.signal.aborted) return;
  await Promise.all([
    command.live ? goOn(command, target) : undefined,
    command.answer
      ? answerRequests(command.simulate, target, ({ requestId }, messages) =>
          console.log(`answered ${requestId}: ${messages} messages`),
        )
      : undefined,
  ]);
}

async function goOn(command: Command, target: PublishOptions): Promise<void> {
  const rate = command.rate || LIVE_MESSAGES_PER_SECOND;
  console.log(`live: ${rate} messages/s until stopped`);
  const messages = live(command.simulate, () => new Date());
  console.log(`stopped: ${describe(await publish(messages, { ...target, rate, onProgress: reporter() }))}`);
}

async function writeLedger(file: string, command: Command): Promise<void> {
  try {
    await pipeline(Readable.from(ledgerOf(command.simulate).lines()), createWriteStream(file), { signal: stop.signal });
    console.log(`ledger: ${file}`);
  } catch (cause) {
    if (stop.signal.aborted) return;
    throw new UsageError(`--ledger: cannot write ${file}. Name a file in a folder that exists.`, { cause });
  }
}

function reporter(): (progress: Progress) => void {
  let nextMs = PROGRESS_EVERY_MS;
  return (progress) => {
    if (progress.elapsedMs < nextMs) return;
    nextMs = progress.elapsedMs + PROGRESS_EVERY_MS;
    console.log(describe(progress));
  };
}

function describe({ messages, bytes, elapsedMs }: Progress): string {
  const perSecond = Math.round(messages / Math.max(elapsedMs / 1_000, 0.001));
  return `${messages} messages, ${(bytes / 1_000_000).toFixed(1)} MB, ${perSecond} messages/s`;
}
