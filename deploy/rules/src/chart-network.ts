import { calledServices, readManifests } from '@bankcrm/manifest';
import { selects } from './chart-objects.ts';
import { type Example, examples, type Pod } from './rendered.ts';
import type { Rules } from './rule.ts';

interface Selector {
  matchLabels?: Record<string, string>;
}
interface Peer {
  podSelector?: Selector;
  namespaceSelector?: Selector;
  ipBlock?: object;
}
interface Flow {
  from?: Peer[];
  to?: Peer[];
  ports?: { port: number | string }[];
}
interface Policy {
  podSelector: Selector;
  policyTypes: string[];
  ingress?: Flow[];
  egress?: Flow[];
}
interface Door {
  name: string;
  containerPort: number;
}

export const chartNetworkRules: Rules = {
  'close every pod to everything before anything is opened': async (root) =>
    (await examples(root)).flatMap((example) => {
      const closing = policiesOf(example).filter(
        ({ policyTypes, ingress, egress }) => policyTypes.length === 2 && !ingress?.length && !egress?.length,
      );
      return example.pods
        .filter(({ labels }) => !closing.some(({ podSelector }) => selects(podSelector.matchLabels, labels)))
        .map(({ of }) => `${example.name}: ${of}`);
    }),

  'let a service be called by those whose manifests say so, and by no other pod': async (root) => {
    const manifests = readManifests(root);
    const wanted = manifests.flatMap((caller) =>
      calledServices(caller, manifests).map((called) => `${caller.name} → ${called.name} grpc`),
    );
    return (await examples(root)).flatMap((example) => {
      const open = new Set(openBetween(example));
      return [
        ...wanted.filter((edge) => !open.has(edge)).map((edge) => `${example.name}: ${edge} is closed`),
        ...[...open].filter((edge) => !wanted.includes(edge)).map((edge) => `${example.name}: ${edge} is open`),
      ];
    });
  },
};

const policiesOf = ({ objects }: Example): Policy[] =>
  objects.filter(({ kind }) => kind === 'NetworkPolicy').map(({ spec }) => spec as Policy);

/**
 * What policies let through from one pod to a door of another, both sides taken together: `gateway → audit grpc`. The edge and the probes may be open to
 * everybody, inside and outside; that says nothing of services and is left out.
 */
function openBetween(example: Example): string[] {
  const policies = policiesOf(example);
  const of = (pod: Pod, type: 'Ingress' | 'Egress'): Flow[] =>
    policies
      .filter(({ policyTypes, podSelector }) => policyTypes.includes(type) && selects(podSelector.matchLabels, pod.labels))
      .flatMap(({ ingress = [], egress = [] }) => (type === 'Ingress' ? ingress : egress));
  const nameOf = ({ labels }: Pod): string => labels['app.kubernetes.io/name']!;
  return example.pods.flatMap((caller) =>
    example.pods
      .filter((called) => called !== caller)
      .flatMap((called) =>
        doorsOf(called)
          .filter(
            (door) =>
              of(caller, 'Egress').some(({ to, ports }) => isTo(door, ports) && (isAnybody(to) || to.some(isPod(called)))) &&
              of(called, 'Ingress').some(
                ({ from, ports }) => isTo(door, ports) && (isAnybody(from) ? door.name === 'grpc' : from.some(isPod(caller))),
              ),
          )
          .map((door) => `${nameOf(caller)} → ${nameOf(called)} ${door.name}`),
      ),
  );
}

const doorsOf = ({ containers }: Pod): Door[] => containers.flatMap(({ ports = [] }) => ports);

/** A flow without ports is to all of them. */
const isTo = (door: Door, ports: Flow['ports']): boolean =>
  !ports?.length || ports.some(({ port }) => port === door.name || port === door.containerPort);

const isAnybody = (peers: Peer[] | undefined): peers is undefined => !peers?.length;

/** Of pods in the installation's own namespace; a selector of namespaces means others unless it means all. */
const isPod =
  ({ labels }: Pod) =>
  ({ podSelector, namespaceSelector, ipBlock }: Peer): boolean =>
    ipBlock === undefined && !namespaceSelector?.matchLabels && selects(podSelector?.matchLabels, labels);
