import { configOf, settingsOf } from '@bankcrm/generate';
import { readManifests } from '@bankcrm/manifest';
import { type Example, examples, type Pod } from './rendered.ts';
import type { Rule, Rules } from './rule.ts';

/** What a pod is given that no config.ts names: read by Node and by OpenTelemetry. */
const readByOthers = ['NODE_EXTRA_CA_CERTS', 'OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_SERVICE_NAME'];
/** Whoever may change a schema gets this one: the jobs that migrate, and no service. */
const ownerUrl = 'DATABASE_URL_OWNER';

/** A line for each problem that a look at each example gives. */
const inEach =
  (look: (example: Example, root: string) => string[]): Rule =>
  async (root) =>
    (await examples(root)).flatMap((example) => look(example, root).map((line) => `${example.name}: ${line}`));

const services = ({ pods }: Example): Pod[] => pods.filter(({ kind }) => kind !== 'Job');
const serviceOf = ({ labels }: Pod): string => labels['app.kubernetes.io/name'] ?? '';
const variablesOf = ({ containers }: Pod): string[] => containers.flatMap(({ env = [] }) => env.map(({ name }) => name));

/** What the process of a pod sees; for what stands in Secrets, something that may stand there. */
const environmentOf = ({ containers }: Pod): Record<string, string> =>
  Object.fromEntries(
    containers.flatMap(({ env = [] }) =>
      env.map(({ name, value }) => [
        name,
        value ?? (name.includes('_URL') ? 'postgres://postgres.bank.example/bankcrm' : 'secret'),
      ]),
    ),
  );

export const chartObjectRules: Rules = {
  'run every service': inEach((example, root) => {
    const running = services(example).map(serviceOf);
    return readManifests(root)
      .map(({ name }) => name)
      .filter((name) => !running.includes(name));
  }),

  'set what a service does not start without, to values that it takes': inEach((example, root) =>
    services(example).flatMap((pod) =>
      (configOf(serviceOf(pod), root).safeParse(environmentOf(pod)).error?.issues ?? [])
        .filter(({ path }) => path[0] !== ownerUrl)
        .map(({ path, message }) => `${pod.of}: ${path.join('.')}: ${message}`),
    ),
  ),

  'set nothing that a service does not read': inEach((example, root) =>
    services(example).flatMap((pod) => {
      const read = [...settingsOf(serviceOf(pod), root).map(({ name }) => name), ...readByOthers];
      return variablesOf(pod)
        .filter((name) => !read.includes(name))
        .map((name) => `${pod.of}: ${name}`);
    }),
  ),

  'let nobody but the jobs that migrate be the owner of a database': inEach(({ pods }) =>
    pods.filter((pod) => variablesOf(pod).includes(ownerUrl) !== serviceOf(pod).endsWith('-migrate')).map(({ of }) => of),
  ),

  'mount every file and folder that a variable names': inEach(({ pods }) =>
    pods.flatMap(({ of, containers }) =>
      containers.flatMap(({ env = [], volumeMounts = [] }) =>
        env
          .filter(({ value }) => /^\/(etc|var\/lib)\/bankcrm\//.test(value ?? ''))
          .filter(({ value }) => !volumeMounts.some(({ mountPath }) => `${value}/`.startsWith(`${mountPath}/`)))
          .map(({ name }) => `${of}: ${name}`),
      ),
    ),
  ),

  'take every image from the registry, by a version': inEach(({ pods, registry }) =>
    pods.flatMap(({ of, containers }) =>
      containers
        .map(({ image }) => image)
        .filter((image) => !image.startsWith(`${registry}/bankcrm/`) || !/\/bankcrm\/[a-z]+:(?!latest$)[\w.-]+$/.test(image))
        .map((image) => `${of}: ${image}`),
    ),
  ),

  'ask for processor time and memory, and end what takes more memory': inEach(({ pods }) =>
    pods.flatMap(({ of, containers }) =>
      containers
        .filter(({ resources }) => !resources?.requests?.cpu || !resources.requests.memory || !resources.limits?.memory)
        .map(({ name }) => `${of}: ${name}`),
    ),
  ),

  'let nodes be drained, one replica after the other': inEach(({ objects, pods }) => {
    const scaled = new Map(
      objects
        .filter(({ kind }) => kind === 'HorizontalPodAutoscaler')
        .map(({ spec }) => [spec.scaleTargetRef.name as string, spec.minReplicas as number]),
    );
    const kept = objects
      .filter(({ kind }) => kind === 'PodDisruptionBudget')
      .map(({ spec }) => spec.selector.matchLabels as Record<string, string>);
    return objects
      .filter(({ kind, metadata, spec }) => kind === 'Deployment' && (spec.replicas ?? scaled.get(metadata.name) ?? 1) > 1)
      .map(({ metadata }) => `Deployment/${metadata.name}`)
      .filter((of) => !kept.some((labels) => selects(labels, pods.find((pod) => pod.of === of)!.labels)));
  }),

  'hold no Secret, only names of those that the installer makes': inEach(({ objects }) =>
    objects.filter(({ kind }) => kind === 'Secret').map(({ metadata }) => metadata.name),
  ),
};

/** Whether labels that are asked for are among those of a pod. */
export const selects = (asked: Readonly<Record<string, string>> = {}, labels: Readonly<Record<string, string>>): boolean =>
  Object.entries(asked).every(([name, value]) => labels[name] === value);
