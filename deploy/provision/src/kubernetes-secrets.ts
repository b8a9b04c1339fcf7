import { parseAllDocuments, stringify } from 'yaml';
import type { Secrets } from './make-secrets.ts';

interface Resource {
  kind?: string;
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

/** Our Secrets in a file of manifests: as {@link toKubernetes} wrote it, or as `kubectl get secrets --output yaml` did. */
export const fromKubernetes = (text: string): Secrets =>
  Object.fromEntries(
    parseAllDocuments(text)
      .map((document) => document.toJS() as Resource | null)
      .flatMap((resource) => resource?.items ?? resource ?? [])
      .flatMap(({ kind, metadata, data = {}, stringData = {} }) => {
        const name = metadata?.name ?? '';
        if (kind !== 'Secret' || !name.startsWith(prefix)) return [];
        const decoded = Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]);
        return [[name.slice(prefix.length), { ...Object.fromEntries(decoded), ...stringData }]];
      }),
  );
