import { readManifests } from '@bankcrm/manifest';
import { run } from './shell.ts';
import { site } from './site.ts';

interface Summary {
  pods: {
    podRef: { name: string; namespace: string };
    containers?: { cpu?: { usageNanoCores?: number }; memory?: { workingSetBytes?: number } }[];
  }[];
}

/** What a replica took while it was looked at: processor in thousandths of a core, memory in MiB. */
export interface Weight {
  service: string;
  cpu: number;
  mostCpu: number;
  mostMemory: number;
}

const everyMs = 5_000;

/** Looks every five seconds at what the kubelets say of the pods, until told to stop. */
export function startWeighing(): () => Promise<Weight[]> {
  const seen = new Map<string, { cpu: number[]; memory: number[] }>(
    readManifests().map(({ name }) => [name, { cpu: [], memory: [] }]),
  );
  const look = async (): Promise<void> => {
    const nodes = (await run('kubectl', ['get', 'nodes', '-o', 'jsonpath={.items[*].metadata.name}'])).split(' ');
    for (const node of nodes) {
      const { pods } = JSON.parse(await run('kubectl', ['get', '--raw', `/api/v1/nodes/${node}/proxy/stats/summary`])) as Summary;
      for (const { podRef, containers = [] } of pods) {
        const of = podRef.namespace === site.namespace && seen.get(podRef.name.split('-')[1]!);
        const { cpu, memory } = containers[0] ?? {};
        if (!of || cpu?.usageNanoCores === undefined || memory?.workingSetBytes === undefined) continue;
        of.cpu.push(cpu.usageNanoCores / 1e6);
        of.memory.push(memory.workingSetBytes / 2 ** 20);
      }
    }
  };
  let looking = Promise.resolve();
  const timer = setInterval(() => {
    // A look that fails, as while a node is busy, is one less.
    looking = looking.then(look).catch(() => undefined);
  }, everyMs);
  return async () => {
    clearInterval(timer);
    await looking;
    if ([...seen.values()].some(({ cpu }) => cpu.length === 0)) throw new Error('the kubelets said nothing of some service');
    return [...seen].map(([service, { cpu, memory }]) => ({
      service,
      cpu: Math.round(cpu.reduce((sum, one) => sum + one, 0) / cpu.length),
      mostCpu: Math.round(Math.max(...cpu)),
      mostMemory: Math.round(Math.max(...memory)),
    }));
  };
}
