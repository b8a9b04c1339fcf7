import type { Manifest } from '@bankcrm/manifest';

const platform = '@bankcrm/crm-platform';
const compliance = '@bankcrm/compliance';

/** Who reviews what: each service's folder and protos by its owner, what people and services may do also by compliance, everything else by the platform's team. */
export const codeOwners = (manifests: readonly Manifest[]): string =>
  [
    '# Made by npm run generate from services/*/service.yaml.',
    `* ${platform}`,
    ...manifests.flatMap(({ name, owner, serves }) => [
      `/services/${name}/ @bankcrm/${owner}`,
      // What a service may do for itself, and which keys it has.
      `/services/${name}/service.yaml @bankcrm/${owner} ${compliance}`,
      ...(serves === 'grpc' ? [`/proto/bankcrm/${name}/ @bankcrm/${owner}`] : []),
    ]),
    ...['libs/access/permissions.yaml', 'libs/access/service-permissions.yaml', 'deploy/keycloak/'].map(
      (path) => `/${path} ${platform} ${compliance}`,
    ),
    '',
  ].join('\n');
