import { readManifests, repositoryRoot } from '@bankcrm/manifest';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { composeObservability, composeServices } from './compose.ts';

interface Service {
  image: string;
  environment: Record<string, string>;
  depends_on: Record<string, { condition: string }>;
  mem_limit: string;
}
const manifests = readManifests();
const customer = manifests.find(({ name }) => name === 'customer')!;
const ticket = { ...customer, name: 'ticket', index: 9, calls: ['customer'], publishes: {}, consumes: {} };
const services = (): Record<string, Service> => parse(composeServices([...manifests, ticket], repositoryRoot)).services;

describe('a service with a manifest', () => {
  it('is in compose with its migration, which comes first, and behind the gateway', () => {
    const { ticket: service, 'ticket-migration': migration, gateway } = services();
    expect(service?.depends_on).toMatchObject({ 'ticket-migration': { condition: 'service_completed_successfully' } });
    expect(migration?.depends_on).toEqual({ databases: { condition: 'service_completed_successfully' } });
    expect(service?.environment).toMatchObject({ CUSTOMER_ADDRESS: 'customer:9090' });
    expect(gateway?.environment).toMatchObject({ TICKET_ADDRESS: 'ticket:9090' });
    expect(gateway?.depends_on.ticket).toEqual({ condition: 'service_healthy' });
  });

  it('has the memory that its manifest gives, and says what it measures', () => {
    expect(services().ticket?.mem_limit).toBe('400m');
    const { ticket: service } = parse(composeObservability([...manifests, ticket], repositoryRoot)).services;
    expect(service.environment).toEqual({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' });
  });
});

it('everything of compose runs without rights: root, capabilities, a file system to write to', () => {
  for (const [name, service] of Object.entries(services()))
    expect(service, name).toMatchObject({
      user: `\${BANKCRM_USER:-65532:65532}`,
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    });
});
