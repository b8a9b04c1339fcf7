/**
 * Commands of the audit log, by the environment of the service:
 *   verify [--from TIME] [--to TIME]   prove <entry>   check-export <file> --public-key <pem>   pack <2026Q4>   keys
 * On the local stack: npm run audit -- verify
 */
import { describeError } from '@bankcrm/kernel';
import { checkExportCommand } from './entry/commands/check-export.ts';
import type { Command } from './entry/commands/command.ts';
import { keys } from './entry/commands/keys.ts';
import { pack } from './entry/commands/pack.ts';

const commands: Readonly<Record<string, Command>> = { keys, 'check-export': checkExportCommand, pack };

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
