import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { assembleCharts, examplesOf, renderExample } from './charts.ts';

export interface Labelled {
  name: string;
  labels?: Record<string, string>;
}
interface Variable {
  name: string;
  value?: string;
  valueFrom?: object;
}
export interface Container {
  name: string;
  image: string;
  env?: Variable[];
  ports?: { name: string; containerPort: number }[];
  volumeMounts?: { mountPath: string }[];
  resources?: { requests?: Record<string, string>; limits?: Record<string, string> };
}
/** A pod that a Deployment or a Job makes. */
export interface Pod {
  /** As in `Deployment/bankcrm-audit`. */
  of: string;
  kind: string;
  labels: Record<string, string>;
  containers: Container[];
}
/** An object of Kubernetes, as far as rules look at it. */
export interface Rendered {
  kind: string;
  metadata: Labelled;
  // biome-ignore lint/suspicious/noExplicitAny: its shape is the kind's, which the schemas hold it to.
  spec: any;
}
export interface Example {
  name: string;
  text: string;
  /** Of its values file. */
  registry: string;
  objects: Rendered[];
  pods: Pod[];
}

const known = new Map<string, Promise<Example[]>>();

/** What the examples of a tree's umbrella render to, for the newest version of Kubernetes; rendered once for the same charts. */
export function examples(root: string): Promise<Example[]> {
  const hash = createHash('sha256');
  for (const path of globSync('helm/**/*.*', { cwd: root }).sort())
    if (!path.includes('/charts/')) hash.update(`${path}\n`).update(readFileSync(join(root, path)));
  const key = hash.digest('hex');
  if (!known.has(key)) known.set(key, render(root));
  return known.get(key)!;
}

async function render(root: string): Promise<Example[]> {
  const charts = await assembleCharts(root);
  try {
    return await Promise.all(
      examplesOf(root).map(async (name) => {
        const values = parse(readFileSync(join(root, `helm/bankcrm/examples/${name}.yaml`), 'utf8')) as {
          global: { image: { registry: string } };
        };
        return { name, registry: values.global.image.registry, ...read(await renderExample(charts, name)) };
      }),
    );
  } finally {
    charts.discard();
  }
}

/** The objects in what Helm printed. */
export function read(text: string): Pick<Example, 'text' | 'objects' | 'pods'> {
  const objects = parseAllDocuments(text)
    .map((document) => document.toJS() as Rendered | null)
    .filter((object) => object !== null);
  const pods = objects.flatMap(({ kind, metadata, spec }) => {
    const template = spec?.template;
    if (!template?.spec?.containers) return [];
    const { containers, initContainers = [] } = template.spec as { containers: Container[]; initContainers?: Container[] };
    const labels = (template.metadata?.labels ?? {}) as Record<string, string>;
    return [{ of: `${kind}/${metadata.name}`, kind, labels, containers: [...initContainers, ...containers] }];
  });
  return { text, objects, pods };
}
