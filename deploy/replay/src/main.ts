import { kafkaAccess, readStack, StackProblem } from '@bankcrm/local';
import { publish, UsageError } from '@bankcrm/simulator';
import { parseCommand, usage } from './cli.ts';
import { replay } from './replay.ts';

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());

try {
  const command = parseCommand(process.argv.slice(2));
  if (command.help) console.log(usage);
  else {
    const { brokers, prefix, rate } = command;
    const cluster = brokers === undefined ? kafkaAccess(readStack()) : { brokers };
    const total = await publish(replay(command.replay), { ...cluster, prefix, rate, signal: stop.signal });
    const seconds = (total.elapsedMs / 1_000).toFixed(1);
    console.log(`${stop.signal.aborted ? 'stopped' : 'replayed'}: ${total.messages} messages in ${seconds} s`);
  }
} catch (error) {
  if (!(error instanceof UsageError || error instanceof StackProblem)) throw error;
  console.error(`replay: ${error.message}`);
  process.exitCode = 2;
}
