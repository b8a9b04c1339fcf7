import { StackProblem } from './problem.ts';
import type { Stack } from './stack.ts';

/**
 * An access token of a demo member of staff, by the password grant of the local overlay's client.
 * Throws `StackProblem` for a staff number that is not in the stack, a Keycloak that is not there, or a refusal.
 */
export async function signIn(stack: Stack, staffNumber: string): Promise<string> {
  const login = stack.staff.find((staff) => staff.staffNumber === staffNumber);
  if (login === undefined) {
    const known = stack.staff.map((staff) => `  ${staff.staffNumber}  ${staff.roles.join(', ')}`).join('\n');
    throw new StackProblem(`There is no demo staff ${staffNumber}. There are:\n${known}`);
  }
  const body = {
    grant_type: 'password',
    client_id: stack.keycloak.localClientId,
    username: staffNumber,
    password: login.password,
  };
  const response = await fetch(stack.keycloak.tokenUrl, {
    method: 'POST',
    body: new URLSearchParams(body),
    signal: AbortSignal.timeout(15_000),
  }).catch((cause: unknown) => {
    throw new StackProblem(`Keycloak does not answer at ${stack.keycloak.baseUrl}. Is the stack running? npm start`, { cause });
  });
  const reply = (await response.json()) as { access_token?: string; error_description?: string };
  if (reply.access_token === undefined)
    throw new StackProblem(`Keycloak refuses ${staffNumber}: ${reply.error_description ?? response.status}`);
  return reply.access_token;
}
