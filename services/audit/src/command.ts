/**
 * Commands of the audit log, by the environment of the service:
 *   verify [--from TIME] [--to TIME]   prove <entry>   pack <2026Q4>   keys
 * On the local stack: npm run audit -- verify
 */
import { describeError } from '@bankcrm/kernel';
import type { Command } from './entry/commands/command.ts';
import { keys } from './entry/commands/keys.ts';

const commands: Readonly<Record<string, Command>> = { keys };

const [name = '', ...args] = process.argv.slice(2);
const command = commands[name];
if (command === undefined) {
  console.error(`Which command? ${Object.keys(commands).join(', ')}`);
  process.exitCode = 2;
} else {
  try {
    process.exitCode = await command(args);
  } catch (error) {
    console.error(error instanceof Error ? error.message : describeError(error));
    process.exitCode = 2;
  }
}
