import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Manifest, manifestSchema, readManifests, repositoryRoot } from '@bankcrm/manifest';
import { codeOwners } from './code-owners.ts';
import { composeObservability, composeServices } from './compose.ts';
import { helmFiles } from './helm.ts';
import { realm } from './realm.ts';
import { servicePermissions } from './service-permissions.ts';

const files: Readonly<Record<string, (manifests: readonly Manifest[], root: string) => string>> = {
  '.github/CODEOWNERS': codeOwners,
  'deploy/compose/observability.yaml': composeObservability,
  'deploy/compose/services.yaml': composeServices,
  'deploy/keycloak/realm-bankcrm.json': realm,
  'libs/access/service-permissions.yaml': servicePermissions,
  'libs/manifest/service.schema.json': manifestSchema,
};

export { helmFiles, setByCharts } from './helm.ts';
export { unlockedServices } from './lock-file.ts';
export { configOf, settingsOf } from './settings.ts';

/** What the generated files of a tree should hold, by their paths from its root. */
export function generatedFiles(root = repositoryRoot): Map<string, string> {
  const manifests = readManifests(root);
  return new Map([
    ...Object.entries(files).map(([path, content]) => [path, content(manifests, root)] as const),
    ...helmFiles(manifests, root),
  ]);
}

/** Paths of generated files of a tree that hold something else than they should. */
export const outdatedFiles = (root = repositoryRoot): string[] =>
  [...generatedFiles(root)].filter(([path, content]) => textOf(join(root, path)) !== content).map(([path]) => path);

const textOf = (path: string): string | undefined => (existsSync(path) ? readFileSync(path, 'utf8') : undefined);
