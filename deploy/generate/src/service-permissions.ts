import type { Manifest } from '@bankcrm/manifest';
import { stringify } from 'yaml';

/** What each service may do under its own name, by its client id. */
export const servicePermissions = (manifests: readonly Manifest[]): string =>
  `# Made by npm run generate from services/*/service.yaml.\n${stringify(
    Object.fromEntries(manifests.map(({ name, permissions }) => [name, permissions])),
  )}`;
