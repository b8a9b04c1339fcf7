import { generateKeyPairSync } from 'node:crypto';
import { isIP } from 'node:net';
import forge from 'node-forge';

/** PEM texts; the key is PKCS #8. */
export interface Certificate {
  cert: string;
  key: string;
}

/** A certificate authority that lives for a test run. */
export interface Authority {
  ca: string;
  /** A certificate, for servers and for clients, of the host names and IP addresses given. */
  issue(...hosts: readonly string[]): Certificate;
}

const dayMs = 86_400_000;
let lastSerialNumber = 0;

export function openAuthority(): Authority {
  const root = keyPair();
  const subject = [{ name: 'commonName', value: 'test authority' }];
  const ca = sign(root.publicKey, subject, { key: root.privateKey, subject }, [
    { name: 'basicConstraints', cA: true, critical: true },
    { name: 'keyUsage', keyCertSign: true, critical: true },
  ]);
  return {
    ca,
    issue(...hosts) {
      const { publicKey, privateKey } = keyPair();
      const cert = sign(publicKey, [{ name: 'commonName', value: hosts[0] ?? 'nobody' }], { key: root.privateKey, subject }, [
        { name: 'basicConstraints', cA: false },
        { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
        // RFC 5280, 4.2.1.6: 2 is a DNS name, 7 an IP address.
        {
          name: 'subjectAltName',
          altNames: hosts.map((host) => (isIP(host) ? { type: 7, ip: host } : { type: 2, value: host })),
        },
      ]);
      return { cert, key: privateKey };
    },
  };
}

/** Node's own keys: forge would search primes in JavaScript. */
const keyPair = () =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });

function sign(
  publicKey: string,
  subject: forge.pki.CertificateField[],
  issuer: { key: string; subject: forge.pki.CertificateField[] },
  extensions: object[],
): string {
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(publicKey);
  lastSerialNumber += 1;
  certificate.serialNumber = lastSerialNumber.toString(16).padStart(4, '0');
  certificate.validity.notBefore = new Date(Date.now() - dayMs);
  certificate.validity.notAfter = new Date(Date.now() + dayMs);
  certificate.setSubject(subject);
  certificate.setIssuer(issuer.subject);
  certificate.setExtensions(extensions);
  certificate.sign(forge.pki.privateKeyFromPem(issuer.key), forge.md.sha256.create());
  return forge.pki.certificateToPem(certificate);
}
