import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { keycloakAdmin } from '@bankcrm/local';
import { parse } from 'yaml';
import type { Gateway, Reply } from './gateway.ts';
import { type Token, until } from './load.ts';
import { signIn } from './sign-in.ts';
import { say, serversOf, site } from './site.ts';

export const bankFile = fileURLToPath(new URL('../bank.yaml', import.meta.url));

interface Bank {
  org_units: { code: string; name: string; kind: string; parent?: string }[];
  staff: { staff_number: string; name: string; email: string; posts: { org_unit: string; role: string }[] }[];
}

const adminNumber = '900000';
/** Of this trial's people, on servers that live as long as the trial. */
const password = 'Trial-of-a-cluster-7Z';
/** Below the five minutes that a token lives. */
const tokenMs = 120_000;

/** A person's token, got anew by signing in before the one before ends. */
export function tokenOf(staffNumber: string): Token {
  let current: { token: Promise<string>; until: number } | undefined;
  return () => {
    if (!current || Date.now() > current.until) {
      const { issuer } = serversOf().keycloak;
      current = { token: signIn({ issuer, portalUrl: site.portalUrl }, staffNumber, password), until: Date.now() + tokenMs };
      current.token.catch(() => (current = undefined));
    }
    return current.token;
  };
}

/** Waits for a person's account and gives it a lasting password. An account that the trial's password opens already stays as it is. */
async function setPassword(staffNumber: string): Promise<void> {
  const stack = serversOf();
  const known = await signIn({ issuer: stack.keycloak.issuer, portalUrl: site.portalUrl }, staffNumber, password).catch(
    () => undefined,
  );
  if (known) return;
  const admin = await keycloakAdmin(stack);
  const realm = `/${stack.keycloak.realm}`;
  const id = await until(`an account of ${staffNumber} in Keycloak`, 60, async () => {
    const [user] = await admin<{ id: string }[]>(`${realm}/users?exact=true&username=${staffNumber}`);
    return user?.id;
  });
  await admin(`${realm}/users/${id}/reset-password`, {
    method: 'PUT',
    body: { type: 'password', value: password, temporary: false },
  });
}

/** The first administrator signs in and makes the units and staff that are missing. */
export async function makePeople(gateway: Gateway): Promise<void> {
  await setPassword(adminNumber);
  const token = tokenOf(adminNumber);
  const ask = async (path: string, body?: object): Promise<Reply> => {
    const reply = await gateway.ask(path, { token: await token(), ...(body ? { method: 'POST', body } : {}) });
    if (reply.status >= 300) throw new Error(`${path}: ${reply.status} ${JSON.stringify(reply.body)}`);
    return reply;
  };
  const bank = parse(readFileSync(bankFile, 'utf8')) as Bank;
  const units = await until(
    'the administrator to be let in',
    30,
    async () => (await ask('/v1/orgUnits?pageSize=200')).body.orgUnits,
  );
  const names = new Map<string, string>(units.map((unit: { code: string; name: string }) => [unit.code, unit.name]));
  for (const { code, name, parent } of bank.org_units) {
    if (names.has(code)) continue;
    const made = await ask('/v1/orgUnits', {
      code,
      displayName: name,
      kind: 'ORG_UNIT_KIND_SUB_BRANCH',
      parent: names.get(parent!),
    });
    names.set(code, made.body.name);
  }
  const { body } = await ask('/v1/staff?pageSize=200');
  const known = new Set(body.staff.map((member: { staffNumber: string }) => member.staffNumber));
  for (const { staff_number: staffNumber, name: displayName, email, posts } of bank.staff) {
    const held = posts.map(({ org_unit, role }) => ({ orgUnit: names.get(org_unit), role }));
    if (!known.has(staffNumber)) await ask('/v1/staff', { staffNumber, displayName, email, posts: held });
    await setPassword(staffNumber);
  }
  say(`the administrator signed in; ${bank.staff.length} people have posts`);
}
