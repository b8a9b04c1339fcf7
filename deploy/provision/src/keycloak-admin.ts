import { Problem } from './problem.ts';

const requestTimeoutMs = 15_000;

/** Where a Keycloak answers, and who administers it: a person of its realm master, or a client there with a service account. */
export interface KeycloakPlace {
  /** `https://host[/path]`, without a slash at the end. */
  baseUrl: string;
  admin: { username: string; password: string } | { clientId: string; clientSecret: string };
}

type AdminRequest = { method?: 'GET' | 'POST' | 'PUT' | 'DELETE'; body?: unknown };

/** Calls Keycloak's admin API; paths are below `/admin/realms`. A refusal throws {@link Refusal}. */
export type KeycloakAdmin = <T = unknown>(path: string, request?: AdminRequest) => Promise<T>;

/** Keycloak's own answer, other than a success. */
export class Refusal extends Problem {
  readonly httpStatus: number;
  constructor(httpStatus: number, message: string) {
    super(message);
    this.httpStatus = httpStatus;
  }
}

/** Signs in at the realm master. Throws {@link Refusal} when Keycloak does not take the administrator, `Problem` when it cannot be reached. */
export async function keycloakAdmin({ keycloak }: { keycloak: KeycloakPlace }): Promise<KeycloakAdmin> {
  const { baseUrl } = keycloak;
  let token = await adminToken(keycloak);
  const send = async (path: string, { method = 'GET', body }: AdminRequest) =>
    reach(`${baseUrl}/admin/realms${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  return async <T>(path: string, request: AdminRequest = {}) => {
    let response = await send(path, request);
    if (response.status === 401) {
      // The master realm's tokens live one minute.
      token = await adminToken(keycloak);
      response = await send(path, request);
    }
    const text = await response.text();
    if (!response.ok)
      throw new Refusal(
        response.status,
        `Keycloak answered ${response.status} to ${request.method ?? 'GET'} ${path}: ${text.slice(0, 300)}`,
      );
    return (text === '' ? undefined : JSON.parse(text)) as T;
  };
}

async function adminToken({ baseUrl, admin }: KeycloakPlace): Promise<string> {
  const grant =
    'username' in admin
      ? { grant_type: 'password', client_id: 'admin-cli', username: admin.username, password: admin.password }
      : { grant_type: 'client_credentials', client_id: admin.clientId, client_secret: admin.clientSecret };
  const response = await reach(`${baseUrl}/realms/master/protocol/openid-connect/token`, {
    method: 'POST',
    body: new URLSearchParams(grant),
  });
  if (!response.ok) throw new Refusal(response.status, `Keycloak at ${baseUrl} refuses its administrator (${response.status}).`);
  return ((await response.json()) as { access_token: string }).access_token;
}

async function reach(url: string, request: RequestInit): Promise<Response> {
  try {
    return await fetch(url, { ...request, signal: AbortSignal.timeout(requestTimeoutMs) });
  } catch (cause) {
    const { message, cause: why } = cause as Error;
    throw new Problem(`Keycloak cannot be reached at ${new URL(url).origin}: ${why instanceof Error ? why.message : message}.`, {
      cause,
    });
  }
}
