import { fileSigner, readKeys } from '@bankcrm/access';
import type { Command } from './command.ts';

/** Prints the public keys that heads are signed with, as PEM: what somebody who checks a proof needs to have from the bank. */
export const keys: Command = async () => {
  const signer = fileSigner(readKeys(process.env.KEYS_FILE ?? '', ['headSigning']).headSigning);
  for (const [version, key] of signer.publicKeys)
    console.log(`version ${version}\n${key.export({ type: 'spki', format: 'pem' })}`);
  return 0;
};
