import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { layout } from './paths.ts';

/** A certificate of `localhost`, its key (PKCS #8) and its CA, as PEM texts. */
export type ServerCertificate = { ca: string; cert: string; key: string };

/** The same as files, and who signs in at Kafka's encrypted port. */
export type TlsFiles = {
  caFile: string;
  certFile: string;
  keyFile: string;
  /** Key and certificate in one, as Kafka wants them. */
  keystoreFile: string;
  username: string;
  password: string;
  passwordFile: string;
};

export function writeTlsFiles(dir: string, { ca, cert, key }: ServerCertificate): TlsFiles {
  const { tlsDir } = layout(dir);
  mkdirSync(tlsDir, { recursive: true });
  const write = (name: string, text: string): string => {
    const path = join(tlsDir, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
  const password = randomBytes(18).toString('base64url');
  return {
    caFile: write('ca.pem', ca),
    certFile: write('cert.pem', cert),
    keyFile: write('key.pem', key),
    keystoreFile: write('keystore.pem', key + cert),
    username: 'bankcrm',
    password,
    passwordFile: write('kafka-password', `${password}\n`),
  };
}
