import { setTimeout as pause } from 'node:timers/promises';
import { readManifests } from '@bankcrm/manifest';
import { run } from './shell.ts';
import { kubectl, say, site } from './site.ts';

/** Time that a cluster needs to see a pod gone and people to work on with what is left. */
const betweenMs = 4_000;

/** Kills one pod of each service after another for as long as something goes on, twice round at least. */
export async function killPods(meanwhile: Promise<unknown>): Promise<void> {
  let over = false;
  const end = (): void => {
    over = true;
  };
  meanwhile.then(end, end);
  for (let round = 0; round < 2 || !over; round += 1) {
    for (const { name } of readManifests()) {
      const selector = `app.kubernetes.io/name=${name},app.kubernetes.io/instance=${site.release}`;
      const pod = await kubectl('get', 'pods', '-l', selector, '-o', 'jsonpath={.items[0].metadata.name}');
      await kill(pod);
      say(`killed ${pod}`);
      await pause(betweenMs);
      await kubectl('rollout', 'status', `deployment/${site.release}-${name}`, '--timeout=120s');
    }
  }
}

/**
 * Kubernetes has no SIGKILL for a pod: deleted by force it still gets a second or two after SIGTERM. BANKCRM_CLUSTER_KILL names a program of the node that gives
 * one; it is called with the namespace, the pod and the id of its container.
 */
async function kill(pod: string): Promise<void> {
  const program = process.env.BANKCRM_CLUSTER_KILL;
  if (!program) return void (await kubectl('delete', 'pod', pod, '--grace-period=0', '--force', '--wait=false'));
  const id = await kubectl('get', 'pod', pod, '-o', 'jsonpath={.status.containerStatuses[0].containerID}');
  await run(program, [site.namespace, pod, id.replace(/^.*:\/\//, '')]);
}
