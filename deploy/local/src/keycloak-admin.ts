import { StackProblem } from './problem.ts';
import type { Stack } from './stack.ts';

const requestTimeoutMs = 15_000;

type AdminRequest = { method?: 'GET' | 'POST' | 'PUT' | 'DELETE'; body?: unknown };

/** Calls Keycloak's admin API with the bootstrap administrator; paths are below `/admin/realms`. A refusal throws with its status. */
export type KeycloakAdmin = <T = unknown>(path: string, request?: AdminRequest) => Promise<T>;

export async function keycloakAdmin(stack: Pick<Stack, 'keycloak'>): Promise<KeycloakAdmin> {
  const { baseUrl, admin } = stack.keycloak;
  let token = await adminToken(baseUrl, admin);
  const send = async (path: string, { method = 'GET', body }: AdminRequest) =>
    fetch(`${baseUrl}/admin/realms${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(requestTimeoutMs),
    });
  return async <T>(path: string, request: AdminRequest = {}) => {
    let response = await send(path, request);
    if (response.status === 401) {
      // The master realm's tokens live one minute.
      token = await adminToken(baseUrl, admin);
      response = await send(path, request);
    }
    const text = await response.text();
    if (!response.ok)
      throw new StackProblem(`Keycloak answered ${response.status} to ${request.method ?? 'GET'} ${path}: ${text.slice(0, 300)}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  };
}

async function adminToken(baseUrl: string, admin: { username: string; password: string }): Promise<string> {
  const response = await fetch(`${baseUrl}/realms/master/protocol/openid-connect/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'password',
      client_id: 'admin-cli',
      username: admin.username,
      password: admin.password,
    }),
    signal: AbortSignal.timeout(requestTimeoutMs),
  });
  if (!response.ok) {
    throw new StackProblem(
      `Keycloak refuses its administrator (${response.status}). Its data and secrets.json are not of one stack: npm start -- --fresh`,
    );
  }
  return ((await response.json()) as { access_token: string }).access_token;
}
