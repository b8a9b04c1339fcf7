import { setTimeout as pause } from 'node:timers/promises';
import { until } from './load.ts';
import { kubectl, say, site, tryKubectl } from './site.ts';

interface Missing {
  what: string;
  /** A change of the deployment's pod, as kubectl's JSON patch. */
  patch: object[];
  /** What the pod, or the cluster about it, says. */
  says: RegExp;
}

const env = '/spec/template/spec/containers/0/env';
const add = (name: string, value: string): object => ({ op: 'add', path: `${env}/-`, value: { name, value } });

/** What is left out or wrong, of the customer service; the variable that comes last counts. */
const missing: readonly Missing[] = [
  {
    what: 'its Secret',
    patch: [
      {
        op: 'add',
        path: `${env}/-`,
        value: { name: 'OIDC_CLIENT_SECRET', valueFrom: { secretKeyRef: { name: 'bankcrm-gone', key: 'oidc-client-secret' } } },
      },
    ],
    says: /secret "bankcrm-gone" not found/i,
  },
  {
    what: 'its database',
    patch: [
      add(
        'DATABASE_URL_REQUEST',
        'postgresql://nobody:x@192.0.2.1:5432/nowhere?sslmode=verify-full&sslrootcert=/etc/bankcrm/postgres/ca.crt',
      ),
    ],
    says: /cannot start: .*(ETIMEDOUT|timeout|DATABASE_URL_REQUEST)/i,
  },
  { what: 'its audience', patch: [add('OIDC_AUDIENCE', 'another')], says: /OIDC_AUDIENCE/ },
  {
    what: 'its topics',
    patch: [add('KAFKA_TOPIC_PREFIX', 'nobody.')],
    says: /nobody\..*(topic|does not exist|missing)|topic.*nobody\./,
  },
];

/** A replica that lacks something does not become ready and says why; those that work go on. */
export async function refusals(): Promise<void> {
  const deployment = `${site.release}-customer`;
  const selector = `app.kubernetes.io/name=customer,app.kubernetes.io/instance=${site.release}`;
  for (const { what, patch, says } of missing) {
    const before = new Set((await kubectl('get', 'pods', '-l', selector, '-o', 'jsonpath={.items[*].metadata.name}')).split(' '));
    await kubectl('patch', 'deployment', deployment, '--type=json', '-p', JSON.stringify(patch));
    const pod = await until('a pod of the change', 60, async () =>
      (await kubectl('get', 'pods', '-l', selector, '-o', 'jsonpath={.items[*].metadata.name}'))
        .split(' ')
        .find((one) => !before.has(one)),
    );
    try {
      const line = await until(`${pod} to say why`, 120, async () => {
        const logs = (await tryKubectl('logs', pod, '--tail=50')).output;
        const previous = (await tryKubectl('logs', pod, '--previous', '--tail=50')).output;
        const events = (
          await tryKubectl(
            'get',
            'events',
            '--field-selector',
            `involvedObject.name=${pod}`,
            '-o',
            'jsonpath={.items[*].message}',
          )
        ).output;
        return `${logs}\n${previous}\n${events}`.split('\n').find((text) => says.test(text));
      });
      // Two looks of its probe and the time that a new replica has to show itself have gone by then.
      await pause(10_000);
      const ready = await kubectl('get', 'pod', pod, '-o', 'jsonpath={.status.conditions[?(@.type=="Ready")].status}');
      const others = await kubectl('get', 'deployment', deployment, '-o', 'jsonpath={.status.readyReplicas}');
      say(
        `without ${what}: ${ready === 'True' ? 'READY, which is wrong' : 'not ready'}, ${others} others serve. It says: ${line.trim().slice(0, 220)}`,
      );
      if (ready === 'True' || !(Number(others) >= 2)) process.exitCode = 1;
    } finally {
      await kubectl('rollout', 'undo', `deployment/${deployment}`);
      await kubectl('rollout', 'status', `deployment/${deployment}`, '--timeout=180s');
    }
  }
}
