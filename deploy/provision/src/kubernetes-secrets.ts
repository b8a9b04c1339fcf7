import { parseAllDocuments, stringify } from 'yaml';
import type { Secrets } from './make-secrets.ts';
import { Problem } from './problem.ts';

interface Resource {
  kind?: string;
  type?: string;
  metadata?: { name?: string };
  data?: Record<string, string>;
  stringData?: Record<string, string>;
  items?: Resource[];
}

const prefix = 'bankcrm-';

/** A manifest of a Secret for each one who needs some. */
export const toKubernetes = (secrets: Secrets, namespace?: string): string =>
  Object.entries(secrets)
    .map(([name, stringData]) => {
      const metadata = {
        name: prefix + name,
        ...(namespace === undefined ? {} : { namespace }),
        labels: { 'app.kubernetes.io/part-of': 'bankcrm' },
      };
      return `---\n${stringify({ apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque', stringData }, { lineWidth: 0 })}`;
    })
    .join('');

/**
 * Our Secrets in a file of manifests: as {@link toKubernetes} wrote it, or as `kubectl get secrets --output yaml` did, where those of certificates stand beside
 * them. Throws `Problem` where it is not read to its end or holds none: what it keeps would be made anew, keys of sealed data among it.
 */
export function fromKubernetes(text: string, file: string): Secrets {
  const documents = parseAllDocuments(text);
  const [broken] = documents.flatMap(({ errors }) => errors);
  // Its message shows the line that cannot be read, which may be a password's.
  if (broken) throw new Problem(`${file} is no YAML from line ${broken.linePos?.[0].line} on.`);
  const ours = documents
    .map((document) => document.toJS() as Resource | null)
    .flatMap((resource) => resource?.items ?? resource ?? [])
    .flatMap(({ kind, type = 'Opaque', metadata, data = {}, stringData = {} }) => {
      const name = metadata?.name ?? '';
      if (kind !== 'Secret' || type !== 'Opaque' || !name.startsWith(prefix)) return [];
      const decoded = Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]);
      return [[name.slice(prefix.length), { ...Object.fromEntries(decoded), ...stringData }] as const];
    });
  if (ours.length === 0) throw new Problem(`${file} holds no Secret whose name begins with ${prefix}.`);
  return Object.fromEntries(ours);
}
