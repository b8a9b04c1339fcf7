import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import forge from 'node-forge';

/** PEM texts; the key is PKCS #8. */
export interface Certificate {
  cert: string;
  key: string;
}

/** A certificate authority of one's own: for tests, a developer's machine and a try-out, where there is no bank's. */
export interface Authority {
  /** Its own certificate, by which others believe what it issued. */
  readonly ca: string;
  /** Its private key: whoever keeps it can open the same authority again. */
  readonly key: string;
  /** A certificate, for servers and for clients, of the host names and IP addresses given. It is valid as long as the authority. */
  issue(...hosts: readonly string[]): Certificate;
}

const dayMs = 86_400_000;

/** Makes an authority valid from yesterday for so many days, or opens one that was kept. Serial numbers are random (RFC 5280, 4.1.2.2). */
export function openAuthority({ days = 2, kept }: { days?: number; kept?: { ca: string; key: string } } = {}): Authority {
  const { ca, key } = kept ?? newAuthority(days);
  const { subject, validity } = forge.pki.certificateFromPem(ca);
  return {
    ca,
    key,
    issue(...hosts) {
      const pair = keyPair();
      const cert = sign({
        publicKey: pair.publicKey,
        subject: [{ name: 'commonName', value: hosts[0] ?? 'nobody' }],
        issuer: { key, subject: subject.attributes },
        validity,
        extensions: [
          { name: 'basicConstraints', cA: false },
          { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
          // RFC 5280, 4.2.1.6: 2 is a DNS name, 7 an IP address.
          {
            name: 'subjectAltName',
            altNames: hosts.map((host) => (isIP(host) ? { type: 7, ip: host } : { type: 2, value: host })),
          },
        ],
      });
      return { cert, key: pair.privateKey };
    },
  };
}

function newAuthority(days: number): { ca: string; key: string } {
  const { publicKey, privateKey: key } = keyPair();
  const subject = [{ name: 'commonName', value: 'BankCRM authority of this machine' }];
  const begin = Date.now() - dayMs;
  const ca = sign({
    publicKey,
    subject,
    issuer: { key, subject },
    validity: { notBefore: new Date(begin), notAfter: new Date(begin + days * dayMs) },
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, critical: true },
    ],
  });
  return { ca, key };
}

/** Node's own keys: forge would search primes in JavaScript. */
const keyPair = () =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });

interface Wanted {
  publicKey: string;
  subject: forge.pki.CertificateField[];
  issuer: { key: string; subject: forge.pki.CertificateField[] };
  validity: { notBefore: Date; notAfter: Date };
  extensions: object[];
}

function sign({ publicKey, subject, issuer, validity, extensions }: Wanted): string {
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(publicKey);
  // Positive: the first bit is none.
  certificate.serialNumber = `00${randomBytes(16).toString('hex')}`;
  certificate.validity.notBefore = validity.notBefore;
  certificate.validity.notAfter = validity.notAfter;
  certificate.setSubject(subject);
  certificate.setIssuer(issuer.subject);
  certificate.setExtensions(extensions);
  certificate.sign(forge.pki.privateKeyFromPem(issuer.key), forge.md.sha256.create());
  return forge.pki.certificateToPem(certificate);
}
