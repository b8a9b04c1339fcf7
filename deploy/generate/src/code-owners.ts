import type { Manifest } from '@bankcrm/manifest';

const platform = '@bankcrm/crm-platform';

/** Who reviews what: each service's folder and protos by its owner, who may do what also by compliance, everything else by the platform's team. */
export const codeOwners = (manifests: readonly Manifest[]): string =>
  [
    '# Made by npm run generate from services/*/service.yaml.',
    `* ${platform}`,
    `/libs/access/permissions.yaml ${platform} @bankcrm/compliance`,
    ...manifests.flatMap(({ name, owner }) => [
      `/services/${name}/ @bankcrm/${owner}`,
      ...(name === 'gateway' ? [] : [`/proto/bankcrm/${name}/ @bankcrm/${owner}`]),
    ]),
    '',
  ].join('\n');
