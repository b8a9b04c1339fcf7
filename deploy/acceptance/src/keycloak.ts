import { stack } from './run.ts';

export type TokenReply = { status: number; body: { access_token?: string; error?: string; error_description?: string } };

/** Asks Keycloak for a token the way local tools do: by password, which only the local overlay's client may. */
export const tryPassword = (username: string, password: string): Promise<TokenReply> =>
  askToken({ grant_type: 'password', client_id: stack().keycloak.localClientId, username, password });

/** The token of a system's own identity. */
export const tokenOfService = async (name: string): Promise<string> => {
  const { clientId, clientSecret } = stack().clients[name]!;
  const { body } = await askToken({ grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret });
  return body.access_token!;
};

async function askToken(form: Record<string, string>): Promise<TokenReply> {
  const response = await fetch(stack().keycloak.tokenUrl, {
    method: 'POST',
    body: new URLSearchParams(form),
    signal: AbortSignal.timeout(20_000),
  });
  return { status: response.status, body: (await response.json()) as TokenReply['body'] };
}

export type Mail = { id: number; to: string[]; subject: string; text: string; html: string };

/** Mails that reached somebody, the newest first. */
export async function mailsTo(address: string): Promise<Mail[]> {
  const response = await fetch(`${stack().mail.url}/messages?to=${encodeURIComponent(address)}`);
  return ((await response.json()) as { messages: Mail[] }).messages;
}
