import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { goModule, keep } from '@bankcrm/local';
import { parse } from 'yaml';

type Schema = { [name: string]: unknown };
type Definitions = Readonly<Record<string, Schema>>;
interface Sources {
  kubernetes: Record<string, string>;
  definitions: { module: string; sum: string; folder: string }[];
}
interface CustomResource {
  spec: {
    group: string;
    names: { kind: string };
    versions: { name: string; schema: { openAPIV3Schema: Schema & { properties: Schema } } }[];
  };
}

const objectMeta = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

/**
 * Schemas of every kind of Kubernetes, and of those that cert-manager and the Prometheus operator add, in which a name that is not known is an error. They
 * are made at first use from what `deploy/tools/go/schemas.yaml` of the tree names. Gives the folder of each version, as in `1.34.4`; a file in it is
 * `<kind>-<group>-<version>.json`, in lower case; the core group's name is its version.
 */
export async function kubernetesSchemas(root: string): Promise<Map<string, string>> {
  const text = readFileSync(join(root, 'deploy/tools/go/schemas.yaml'));
  const { kubernetes, definitions } = parse(text.toString()) as Sources;
  const stamp = createHash('sha256')
    .update(text)
    .update(readFileSync(import.meta.filename))
    .digest('hex')
    .slice(0, 16);
  const versionOf = (module: string): string => module.split('@v')[1]!;
  const home = await keep(`schemas-${stamp}`, async (draft) => {
    const resources: CustomResource[] = [];
    for (const { module, sum, folder } of definitions) {
      const files = join(await goModule(module, sum), folder);
      for (const file of readdirSync(files).filter((name) => name.endsWith('.yaml')))
        resources.push(parse(readFileSync(join(files, file), 'utf8')) as CustomResource);
    }
    for (const [module, sum] of Object.entries(kubernetes)) {
      const folder = join(draft, versionOf(module));
      mkdirSync(folder);
      const swagger = readFileSync(join(await goModule(module, sum), 'api/openapi-spec/swagger.json'), 'utf8');
      const known = (JSON.parse(swagger) as { definitions: Definitions }).definitions;
      for (const [name, schema] of [...builtIn(known), ...added(resources, known)])
        writeFileSync(join(folder, `${name.toLowerCase()}.json`), JSON.stringify(schema));
    }
  });
  return new Map(Object.keys(kubernetes).map((module) => [versionOf(module), join(home, versionOf(module))]));
}

/** kubeconform says the version, too, where the core group has no name. */
const fileOf = (kind: string, group: string, version: string): string => `${kind}-${group || version}-${version}`;

function* builtIn(known: Definitions): Generator<[name: string, Schema]> {
  for (const [name, definition] of Object.entries(known)) {
    const kinds = (definition['x-kubernetes-group-version-kind'] ?? []) as { group: string; kind: string; version: string }[];
    // What is of many groups at once, as DeleteOptions, nobody applies.
    if (kinds.length !== 1) continue;
    const { group, kind, version } = kinds[0]!;
    yield [fileOf(kind, group, version), standing({ $ref: `#/definitions/${name}` }, known)];
  }
}

function* added(resources: readonly CustomResource[], known: Definitions): Generator<[name: string, Schema]> {
  for (const { spec } of resources)
    for (const { name, schema } of spec.versions) {
      const { openAPIV3Schema: own } = schema;
      const metadata = { $ref: `#/definitions/${objectMeta}` };
      yield [fileOf(spec.names.kind, spec.group, name), standing({ ...own, properties: { ...own.properties, metadata } }, known)];
    }
}

/** A schema with every definition that it leads to, so that it stands alone; all of them strict. */
function standing(schema: Schema, known: Definitions): Schema {
  const definitions: Record<string, unknown> = {};
  const take = (part: unknown): unknown =>
    strict(part, (reference) => {
      const name = reference.slice('#/definitions/'.length);
      if (name in definitions) return;
      // Before it is taken: a schema may lead to itself.
      definitions[name] = {};
      definitions[name] = special[name.split('.').at(-1)!] ?? take(known[name]);
    });
  return { ...(take(schema) as Schema), definitions };
}

/** What the API server reads by code of its own. */
const special: Readonly<Record<string, Schema>> = {
  IntOrString: { type: ['integer', 'string'] },
  Quantity: { type: ['number', 'string'], pattern: '^[+-]?(\\d+\\.?\\d*|\\.\\d+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?\\d+)?$' },
};

/** Nothing but what is named may stand in an object that names something; texts for people are left out. Tells of each reference. */
function strict(part: unknown, onReference: (reference: string) => void): unknown {
  if (Array.isArray(part)) return part.map((one) => strict(one, onReference));
  if (typeof part !== 'object' || part === null) return part;
  const schema = part as Schema;
  if (typeof schema.$ref === 'string') {
    onReference(schema.$ref);
    return { $ref: schema.$ref };
  }
  const { description, properties, 'x-kubernetes-preserve-unknown-fields': open, ...rest } = schema;
  const taken = Object.entries(rest).map(([name, value]) => [name, strict(value, onReference)]);
  if (properties === undefined) return Object.fromEntries(taken);
  const named = Object.entries(properties as Schema).map(([name, value]) => [name, strict(value, onReference)]);
  return {
    ...(open ? {} : { additionalProperties: false }),
    ...Object.fromEntries(taken),
    properties: Object.fromEntries(named),
  };
}
