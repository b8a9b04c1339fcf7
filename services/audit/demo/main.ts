/** What people do on a morning at the demo bank, so that its audit log shows something: views, a reveal, tries that are refused, and a look into the log. */
import { readStack, signIn } from '@bankcrm/local';

const stack = readStack();

/** A call through the gateway in somebody's name; the reply's body, whatever the status. */
async function call(staffNumber: string, method: 'GET' | 'POST', path: string, body?: object): Promise<Record<string, unknown>> {
  const reply = await fetch(stack.gateway.url + path, {
    method,
    headers: {
      authorization: `Bearer ${await signIn(stack, staffNumber)}`,
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(20_000),
  });
  return (await reply.json()) as Record<string, unknown>;
}

const rm = '100004';
const colleague = '100005';
const compliance = '100039';
type Named = { name: string; field?: string };

const own = (await call(rm, 'GET', '/v1/auditEntries?pageSize=1')) as { entries?: Named[] };
if ((own.entries ?? []).length > 0) {
  console.log('was in already');
} else {
  const { customers: mine = [] } = (await call(rm, 'GET', '/v1/customers?pageSize=5')) as { customers?: Named[] };
  for (const { name } of mine) await call(rm, 'GET', `/v1/${name}:view360`);
  const [first] = mine;
  if (first) {
    const { identifiers = [] } = (await call(rm, 'GET', `/v1/${first.name}`)) as { identifiers?: Named[] };
    await call(rm, 'POST', `/v1/${first.name}:reveal`, { fields: [identifiers[0]?.field], reasonCode: 'IDENTITY_CHECK' });
  }
  // A colleague's customers: refused, and on record.
  const { customers: theirs = [] } = (await call(colleague, 'GET', '/v1/customers?pageSize=3')) as { customers?: Named[] };
  for (const { name } of theirs) await call(rm, 'GET', `/v1/${name}`);
  if (first) await call(compliance, 'POST', '/v1/auditEntries:search', { filter: `customer = "${first.name}"` });
  console.log(`${mine.length} customers viewed, one ID number revealed, ${theirs.length} tries refused`);
}
