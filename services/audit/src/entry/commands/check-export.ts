import { createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { checkExport } from '../../app/check-export.ts';
import type { Command } from './command.ts';

/** Checks an exported file: `check-export <file> --public-key <pem>`. The file of keys may hold several, as `keys` prints them; nothing of the bank's is needed else. */
export const checkExportCommand: Command = async (args) => {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { 'public-key': { type: 'string' } },
  });
  const [path] = positionals;
  const keyFile = values['public-key'];
  if (path === undefined || positionals.length > 1 || keyFile === undefined)
    throw new Error('Which file, by which key? check-export <file> --public-key <pem>');
  const { statement, wrong } = await checkExport(path, publicKeysIn(keyFile));
  if (statement !== undefined) {
    const { format, entryCount, actor, time, reason, filter, record, head, until } = statement;
    console.log(`${entryCount} entries (${format}), exported by ${actor} at ${time}: ${reason}`);
    console.log(`filter: ${filter === '' ? '(all entries)' : filter}`);
    console.log(`recorded as ${record}; covers what head ${head} of ${until} covers`);
  }
  for (const problem of wrong) console.log(problem);
  console.log(wrong.length === 0 ? 'The file is as it was exported.' : 'The file is NOT as it was exported.');
  return wrong.length === 0 ? 0 : 1;
};

function publicKeysIn(file: string): KeyObject[] {
  const blocks = readFileSync(file, 'utf8').match(/-----BEGIN PUBLIC KEY-----.+?-----END PUBLIC KEY-----/gs);
  if (blocks === null) throw new Error(`${file} holds no public key in PEM`);
  return blocks.map((pem) => createPublicKey(pem));
}
