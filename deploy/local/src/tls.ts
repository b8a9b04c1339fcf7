import { X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Authority, type Certificate, openAuthority } from '@bankcrm/provision';
import { readJson, writePrivateJson } from './files.ts';
import { layout } from './paths.ts';

const days = 365;
/** An authority that ends sooner is made anew at a start. */
const daysLeft = 30;

/** A certificate of `localhost`, its key (PKCS #8) and its CA, as PEM texts. */
export type ServerCertificate = Certificate & { ca: string };

export type CertificateFiles = { certFile: string; keyFile: string };

/** What a stack shows its clients, as files, and who signs in at Kafka's encrypted port. */
export type TlsFiles = {
  caFile: string;
  /** Nothing is served in the clear. Otherwise PostgreSQL and Kafka speak TLS beside the plain connections that they take. */
  required: boolean;
  /** By part. */
  certificates: Readonly<Record<string, CertificateFiles>>;
  kafka: {
    /** Key and certificate in one, as Kafka wants them. */
    keystoreFile: string;
    username: string;
    password: string;
    passwordFile: string;
  };
};

const authorityFile = (dir: string): string => join(layout(dir).tlsDir, 'authority.json');

/** Whether a stack was made with an authority of its own. */
export const hasAuthority = (dir: string): boolean => existsSync(authorityFile(dir));

/**
 * A certificate for each part by the authority of the stack, which is made where there is none or where it ends in less than 30 days; those who
 * believed it must be told then. The certificates name the part, this machine and, where there is one, the address at which it is reached from others.
 */
export function issueCertificates(
  dir: string,
  options: { parts: readonly string[]; host: string | undefined; kafkaPassword: string; onProgress: (text: string) => void },
): TlsFiles {
  const { parts, host, kafkaPassword, onProgress } = options;
  const authority = keptAuthority(dir, onProgress);
  const names = ['localhost', '127.0.0.1', ...(host === undefined ? [] : [host])];
  const certificates = Object.fromEntries(parts.map((part) => [part, authority.issue(...names, part)]));
  return writeTlsFiles(dir, { ca: authority.ca, certificates, kafkaPassword, required: true });
}

function keptAuthority(dir: string, onProgress: (text: string) => void): Authority {
  const file = authorityFile(dir);
  const kept = readJson(file) as { ca: string; key: string } | undefined;
  if (kept !== undefined) {
    if (new X509Certificate(kept.ca).validToDate.getTime() - Date.now() > daysLeft * 86_400_000) return openAuthority({ kept });
    onProgress('the certificate authority of this stack was about to end and is made anew: who trusted it must trust it again');
  }
  const authority = openAuthority({ days });
  writePrivateJson(file, { ca: authority.ca, key: authority.key });
  return authority;
}

/** Writes what tests give PostgreSQL and Kafka to show. */
export function writeTestCertificate(dir: string, { ca, cert, key }: ServerCertificate, kafkaPassword: string): TlsFiles {
  const certificates = { postgres: { cert, key }, kafka: { cert, key } };
  return writeTlsFiles(dir, { ca, certificates, kafkaPassword, required: false });
}

function writeTlsFiles(
  dir: string,
  {
    ca,
    certificates,
    kafkaPassword,
    required,
  }: { ca: string; certificates: Readonly<Record<string, Certificate>>; kafkaPassword: string; required: boolean },
): TlsFiles {
  const { tlsDir } = layout(dir);
  mkdirSync(tlsDir, { recursive: true });
  const caFile = join(tlsDir, 'ca.pem');
  // For everybody's eyes: browsers and other people's tools are given it.
  writeFileSync(caFile, ca);
  const write = (name: string, text: string): string => {
    const path = join(tlsDir, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
  const ofKafka = certificates.kafka!;
  return {
    caFile,
    required,
    certificates: Object.fromEntries(
      Object.entries(certificates).map(([part, { cert, key }]) => [
        part,
        { certFile: write(`${part}.pem`, cert), keyFile: write(`${part}-key.pem`, key) },
      ]),
    ),
    kafka: {
      keystoreFile: write('kafka-keystore.pem', ofKafka.key + ofKafka.cert),
      username: 'bankcrm',
      password: kafkaPassword,
      passwordFile: write('kafka-password', `${kafkaPassword}\n`),
    },
  };
}
