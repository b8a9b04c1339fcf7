import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';

type Part = Record<string, unknown>;
const encode = (part: Part): string => Buffer.from(JSON.stringify(part)).toString('base64url');
const decode = (text: string): Part => JSON.parse(Buffer.from(text, 'base64url').toString()) as Part;

/** A key that is not Keycloak's. */
export const foreignKey = (): KeyObject => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;

export const claimsOf = (token: string): Part => decode(token.split('.')[1]!);

/** A good token's claims, changed and signed with another key under the good key's id. */
export function forged(token: string, key: KeyObject, claims: Part = {}): string {
  const [head, body] = token.split('.') as [string, string];
  const unsigned = `${head}.${encode({ ...decode(body), ...claims })}`;
  return `${unsigned}.${createSign('RSA-SHA256').update(unsigned).sign(key).toString('base64url')}`;
}

/** A good token's claims without a signature (`alg` none). */
export function unsigned(token: string, claims: Part = {}): string {
  return `${encode({ alg: 'none', typ: 'JWT' })}.${encode({ ...claimsOf(token), ...claims })}.`;
}

/** A good token whose claims were changed under its own signature. */
export function tampered(token: string, claims: Part): string {
  const [head, , signature] = token.split('.');
  return `${head}.${encode({ ...claimsOf(token), ...claims })}.${signature}`;
}
