/** What a bank's servers must hold before the services start: node deploy/provision/src/main.ts <command> [arguments], see README.md. */
import { databases } from './commands/databases.ts';
import { realm } from './commands/realm.ts';
import { secrets } from './commands/secrets.ts';
import { topics } from './commands/topics.ts';
import { Problem } from './problem.ts';

const commands = { topics, realm, databases, secrets };

const [name = '', ...args] = process.argv.slice(2);
try {
  if (!Object.hasOwn(commands, name)) throw new Problem(`Which command? One of: ${Object.keys(commands).join(', ')}.`);
  await commands[name as keyof typeof commands](args, process.env);
} catch (error) {
  const isArgument = (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS') === true;
  if (!(error instanceof Problem) && !isArgument) throw error;
  console.error((error as Error).message);
  process.exitCode = 1;
}
