/**
 * Commands of the audit log, by the environment of the service:
 *   verify [--from TIME] [--to TIME]         whether anybody has rewritten the log
 *   prove <entry> [--out FILE]               a proof that an entry stands in it
 *   check <file> --public-key FILE           what a proof proves
 *   check-export <file> --public-key FILE    whether an export is whole and ours
 *   pack <2026Q4>                            the pack of a quarter's high-privilege acts
 *   keys                                     the public keys
 * On the local stack: npm run audit -- verify
 */
import { describeError } from '@bankcrm/kernel';
import { check } from './entry/commands/check.ts';
import { checkExportCommand } from './entry/commands/check-export.ts';
import type { Command } from './entry/commands/command.ts';
import { keys } from './entry/commands/keys.ts';
import { pack } from './entry/commands/pack.ts';
import { prove } from './entry/commands/prove.ts';
import { verify } from './entry/commands/verify.ts';

const commands: Readonly<Record<string, Command>> = { verify, prove, check, 'check-export': checkExportCommand, pack, keys };

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
