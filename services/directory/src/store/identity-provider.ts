import { AppError, refused, unavailable } from '@bankcrm/kernel';
import KeycloakAdminClient from '@keycloak/keycloak-admin-client';
import type { HeldAccount, WantedAccount } from '../domain/account.ts';
import { Reason } from '../domain/reasons.ts';

/** The identity provider's accounts. Every method may be done again; each throws UNAVAILABLE while it cannot be reached. */
export interface IdentityProvider {
  /**
   * Makes the account equal to what is wanted, creating it where there is none; a disabled one loses its sessions.
   * With a temporary password the person signs in once and must choose another.
   */
  store(account: WantedAccount, temporaryPassword?: string): Promise<void>;
  /** Every account by staff number. One may be absent when others are removed while the pages are read. */
  list(): Promise<ReadonlyMap<string, HeldAccount>>;
  /** Staff numbers that are locked after too many wrong passwords, at this moment. */
  locked(): Promise<ReadonlySet<string>>;
  /** Lifts the lock after too many wrong passwords. REFUSED while the account has not been made yet. */
  unlock(staffNumber: string): Promise<void>;
  /** Mails a link to choose a new password. REFUSED while the account has not been made yet. */
  sendPasswordReset(staffNumber: string): Promise<void>;
}

export interface KeycloakOptions {
  baseUrl: string;
  realm: string;
  /** The service account's own token; it has the realm-management roles manage-users and view-users. */
  token: () => Promise<string>;
}

const timeoutMs = 5_000;
const pageSize = 500;
/** Within the five seconds that somebody who lists staff waits. */
const lockedLimitMs = 3_500;
const linkLifespanSeconds = 12 * 60 * 60;

export function keycloakAccounts({ baseUrl, realm, token }: KeycloakOptions): IdentityProvider {
  const client = new KeycloakAdminClient({ baseUrl, realmName: realm, timeout: timeoutMs });
  client.registerTokenProvider({ getAccessToken: token });

  const find = async (staffNumber: string) =>
    (await client.users.find({ username: staffNumber, exact: true, max: 1, briefRepresentation: true }))[0]?.id;
  const mustFind = async (staffNumber: string): Promise<string> => {
    const id = await find(staffNumber);
    if (!id) throw refused(Reason.accountMissing);
    return id;
  };

  return {
    store: (account, temporaryPassword) =>
      asking(async () => {
        const { staffNumber, email, enabled } = account;
        const wanted = { email, emailVerified: true, enabled };
        const credential = temporaryPassword && { type: 'password', value: temporaryPassword, temporary: true };
        const found = await find(staffNumber);
        if (!found) {
          await client.users.create({
            username: staffNumber,
            ...wanted,
            attributes: { locale: ['zh-CN'] },
            ...(credential ? { credentials: [credential] } : {}),
          });
          return;
        }
        await client.users.update({ id: found }, wanted);
        if (credential) await client.users.resetPassword({ id: found, credential });
        if (!enabled) await client.users.logout({ id: found });
      }),
    list: () =>
      asking(async () => {
        const accounts = new Map<string, HeldAccount>();
        for (let first = 0; ; first += pageSize) {
          const page = await client.users.find({ first, max: pageSize, briefRepresentation: true });
          for (const { username = '', email = '', emailVerified = false, enabled = false } of page)
            accounts.set(username, { email, emailVerified, enabled });
          if (page.length < pageSize) return accounts;
        }
      }),
    locked: () =>
      asking(async () => {
        const locked = new Set<string>();
        const signal = AbortSignal.timeout(lockedLimitMs);
        for (let first = 0; ; first += pageSize) {
          // What Keycloak's own console asks: the admin API knows the lock of one account at a time.
          const query = `briefRepresentation=true&first=${first}&max=${pageSize}`;
          const url = `${baseUrl}/admin/realms/${realm}/ui-ext/brute-force-user?${query}`;
          const response = await fetch(url, { headers: { authorization: `Bearer ${await token()}` }, signal });
          if (!response.ok) throw Object.assign(new Error('Keycloak did not tell who is locked'), { response });
          const page = (await response.json()) as { username: string; bruteForceStatus?: { disabled?: boolean } }[];
          for (const { username, bruteForceStatus } of page) if (bruteForceStatus?.disabled) locked.add(username);
          if (page.length < pageSize) return locked;
        }
      }),
    unlock: (staffNumber) =>
      asking(async () => {
        await client.attackDetection.del({ id: await mustFind(staffNumber) });
      }),
    sendPasswordReset: (staffNumber) =>
      asking(async () => {
        const id = await mustFind(staffNumber);
        await client.users.executeActionsEmail({ id, actions: ['UPDATE_PASSWORD'], lifespan: linkLifespanSeconds });
      }),
  };
}

/** Runs requests to Keycloak and types what goes wrong: an answer below 500 is a refusal, with the field that it names; anything else means "not now". */
async function asking<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AppError) throw error;
    const { response, responseData } = (error ?? {}) as { response?: { status?: unknown }; responseData?: Refusal };
    const state = response?.status;
    if (typeof state === 'number' && state < 500 && state !== 429) {
      const field = responseData && refusedField(responseData);
      const metadata = { http_status: String(state), ...(field === undefined ? {} : { field }) };
      throw new AppError('INTERNAL', Reason.identityProviderRefused, { metadata, cause: error });
    }
    throw unavailable(Reason.identityProviderUnreachable, error);
  }
}

/** What Keycloak says of an account that it does not take. */
interface Refusal {
  field?: unknown;
  errorMessage?: unknown;
  errors?: Refusal[];
}

/** The field in our words; undefined where the refusal is about none. A taken address or number has a text only (`User exists with same email`). */
function refusedField({ field, errorMessage, errors }: Refusal): string | undefined {
  if (errors?.[0]) return refusedField(errors[0]);
  const named = typeof field === 'string' ? field : /\b(?:username|email)\b/.exec(String(errorMessage))?.[0];
  return named === 'username' ? 'staff_number' : named;
}
