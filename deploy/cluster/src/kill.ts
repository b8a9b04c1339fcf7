import { setTimeout as pause } from 'node:timers/promises';
import { readManifests } from '@bankcrm/manifest';
import { kubectl, say, site } from './site.ts';

/** Time that a cluster needs to see a pod gone and people to work on with what is left. */
const betweenMs = 4_000;

/** Kills one pod of each service after another, without a word of warning, for as long as something goes on, twice round at least. */
export async function killPods(meanwhile: Promise<unknown>): Promise<void> {
  let over = false;
  void meanwhile.finally(() => (over = true));
  for (let round = 0; round < 2 || !over; round += 1) {
    for (const { name } of readManifests()) {
      const selector = `app.kubernetes.io/name=${name},app.kubernetes.io/instance=${site.release}`;
      const ready = await kubectl('get', 'pods', '-l', selector, '-o', 'jsonpath={.items[0].metadata.name}');
      await kubectl('delete', 'pod', ready, '--grace-period=0', '--force', '--wait=false');
      say(`killed ${ready}`);
      await pause(betweenMs);
      await kubectl('rollout', 'status', `deployment/${site.release}-${name}`, '--timeout=120s');
    }
  }
}
