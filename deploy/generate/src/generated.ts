import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Manifest, manifestSchema, readManifests, repositoryRoot } from '@bankcrm/manifest';
import { asyncApi } from './asyncapi/document.ts';
import { codeOwners } from './code-owners.ts';
import { composeObservability, composeServices } from './compose.ts';
import { helmFiles } from './helm.ts';
import { realm } from './realm.ts';
import { servicePermissions } from './service-permissions.ts';

const files: Readonly<Record<string, (manifests: readonly Manifest[], root: string) => string | Promise<string>>> = {
  '.github/CODEOWNERS': codeOwners,
  'deploy/compose/observability.yaml': composeObservability,
  'deploy/compose/services.yaml': composeServices,
  'deploy/kafka/asyncapi.yaml': asyncApi,
  'deploy/keycloak/realm-bankcrm.json': realm,
  'libs/access/service-permissions.yaml': servicePermissions,
  'libs/manifest/service.schema.json': manifestSchema,
};

export { helmFiles, setByCharts } from './helm.ts';
export { unlockedServices } from './lock-file.ts';
export { configOf, settingsOf } from './settings.ts';

/** What the generated files of a tree should hold, by their paths from its root. */
export async function generatedFiles(root = repositoryRoot): Promise<Map<string, string>> {
  const manifests = readManifests(root);
  const made = Object.entries(files).map(async ([path, content]) => [path, await content(manifests, root)] as const);
  return new Map([...(await Promise.all(made)), ...helmFiles(manifests, root)]);
}

/** Paths of generated files of a tree that hold something else than they should. */
export const outdatedFiles = async (root = repositoryRoot): Promise<string[]> =>
  [...(await generatedFiles(root))].filter(([path, content]) => textOf(join(root, path)) !== content).map(([path]) => path);

const textOf = (path: string): string | undefined => (existsSync(path) ? readFileSync(path, 'utf8') : undefined);
