import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readManifests } from '@bankcrm/manifest';
import { eventually, type KeycloakAdmin, keycloakAdmin } from '@bankcrm/provision';
import { parse } from 'yaml';
import { readJson, writePrivateJson } from './files.ts';
import { layout } from './paths.ts';
import { loadSecrets, newStaffPassword, saveSecrets } from './secrets.ts';
import { demoBankFile } from './services.ts';
import { type Stack, type StaffLogin, writeStack } from './stack.ts';

type DemoBank = { staff: { staff_number: string; name: string; email: string; posts: { org_unit: string; role: string }[] }[] };

const usersTimeoutMs = 90_000;

/** The demo bank's staff with this machine's passwords: one for each role, by a person's first post. Makes the missing ones. */
export function demoStaff(dir: string): StaffLogin[] {
  const { staff } = parse(readFileSync(demoBankFile, 'utf8')) as DemoBank;
  const secrets = loadSecrets(dir, readManifests());
  const logins = staff.map((member): StaffLogin => {
    const role = member.posts[0]?.role ?? 'none';
    secrets.staffByRole[role] ??= newStaffPassword();
    return {
      staffNumber: member.staff_number,
      name: member.name,
      roles: member.posts.map((post) => post.role),
      orgUnits: member.posts.map((post) => post.org_unit),
      password: secrets.staffByRole[role],
    };
  });
  saveSecrets(dir, secrets);
  return logins;
}

/**
 * Gives the demo staff passwords that need no change at the first sign-in. The directory service makes the users; this waits for them.
 * What was done is remembered beside the data, so that a password changed later by hand stays changed.
 */
export async function setDemoPasswords(stack: Stack, onProgress: (text: string) => void, signal?: AbortSignal): Promise<void> {
  const file = join(layout(stack.dir).dataDir, 'staff.json');
  const done = new Set((readJson(file) ?? []) as string[]);
  const todo = stack.staff.filter((login) => !done.has(login.staffNumber));
  if (todo.length > 0) {
    const admin = await keycloakAdmin(stack);
    onProgress(`waiting for the directory to make ${todo.length} sign-ins`);
    for (const login of todo) {
      const id = await eventually(() => userId(admin, stack, login.staffNumber), {
        timeoutMs: usersTimeoutMs,
        what: `the directory to make staff ${login.staffNumber} known to Keycloak`,
        everyMs: 200,
        signal,
      });
      const body = { type: 'password', value: login.password, temporary: false };
      await admin(`/${stack.keycloak.realm}/users/${id}/reset-password`, { method: 'PUT', body });
    }
    writePrivateJson(
      file,
      stack.staff.map((login) => login.staffNumber),
    );
  }
  writeStack(stack);
}

async function userId(admin: KeycloakAdmin, stack: Stack, staffNumber: string): Promise<string | undefined> {
  const [user] = await admin<{ id: string }[]>(
    `/${stack.keycloak.realm}/users?exact=true&briefRepresentation=true&username=${staffNumber}`,
  );
  return user?.id;
}
