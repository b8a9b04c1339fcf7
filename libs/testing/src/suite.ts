import { randomBytes } from 'node:crypto';
import {
  createServiceDatabase,
  type DatabaseUrls,
  databasesOf,
  inDatabase,
  manifestOf,
  readStack,
  type ServiceName,
  type Stack,
} from '@bankcrm/local';

/** The servers that the run's global set-up started. Throws when a suite runs without it. */
export function testStack(): Stack {
  const dir = process.env.BANKCRM_TEST_STACK;
  if (!dir) throw new Error('run integration tests by vitest --project integration: it starts the servers they need');
  return readStack(dir);
}

/** A database of its own for a suite, shaped like a service's: the same three roles, nothing in it. */
export async function suiteDatabase(service: ServiceName): Promise<DatabaseUrls> {
  const stack = testStack();
  const name = `test_${service}_${randomBytes(6).toString('hex')}`;
  await createServiceDatabase(stack.postgres.superuserUrl, manifestOf(service), name);
  const { owner, request, worker } = databasesOf(stack, service);
  return { owner: inDatabase(owner, name), request: inDatabase(request, name), worker: inDatabase(worker, name) };
}

/** A prefix that keeps a suite's topics and groups apart from others' on the same broker. */
export const suitePrefix = (): string => `t${randomBytes(5).toString('hex')}.`;
