/** What a manager decides on a morning at the demo bank, so that portfolios and histories show something. */
import { setTimeout as pause } from 'node:timers/promises';
import { readStack, signIn } from '@bankcrm/local';

const stack = readStack();
/** Of Shanghai: the branch manager, and two relationship managers at SH-PD. */
const [manager, giver, taker] = ['100026', '100010', '100011'];

/** A call of the manager's through the gateway. */
async function call(path: string, body?: object): Promise<Response> {
  return fetch(stack.gateway.url + path, {
    method: body ? 'POST' : 'GET',
    headers: {
      authorization: `Bearer ${await signIn(stack, manager)}`,
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(20_000),
  });
}

async function ask<T>(path: string, body?: object): Promise<T> {
  const reply = await call(path, body);
  if (!reply.ok) throw new Error(`${path}: ${await reply.text()}`);
  return (await reply.json()) as T;
}

const filter = (text: string): string => `filter=${encodeURIComponent(text)}`;
const decided = await ask<{ entries?: object[] }>(
  `/v1/auditEntries?pageSize=1&${filter('operation = "bankcrm.quota.v1.Assignments/Assign"')}`,
);
if ((decided.entries ?? []).length > 0) {
  console.log('was in already');
} else {
  const { customers } = await ask<{ customers: { name: string }[] }>(`/v1/customers?pageSize=4&${filter(`rm = "${giver}"`)}`);
  // The customer service publishes who sees whom when it has taken everything in; whoever starts this program ends it when it takes too long.
  for (const { name } of customers)
    while ((await call(`/v1/assignments?${filter(`customer = "${name}"`)}`)).status === 404) await pause(1_000);
  const { portfolios } = await ask<{ portfolios: { rm: string; staffNumber: string }[] }>('/v1/portfolios?pageSize=200');
  const nameOf = (number: string) => portfolios.find(({ staffNumber }) => staffNumber === number)!.rm;
  const [from, to] = [nameOf(giver), nameOf(taker)];
  const inTwoWeeks = new Date(Date.now() + 14 * 86_400_000).toISOString();
  const decisions = [
    { rm: to, reason: '客户迁居，就近服务' },
    { rm: from, dedicatedRm: to, reason: '财富业务由专属客户经理负责' },
    { rm: from, collaborators: [{ staff: to, endTime: inTwoWeeks }], reason: '贷款材料由同事协办两周' },
    { reason: '待重新分配' },
  ];
  for (const [at, decision] of decisions.entries())
    await ask('/v1/assignments:assign', { customer: customers[at]?.name, ...decision });
  console.log(
    '4 customers: one given to a colleague, one with a dedicated manager, one with help for two weeks, one with nobody',
  );
}
