import { type AuditedCall, methodOf, policyOf } from '@bankcrm/service';

/** A call that a command makes under the service's own name, as an entry records it: the method by its path. */
export const callOfService = (path: string): AuditedCall => ({
  caller: { kind: 'service', clientId: 'audit', permissions: new Set<string>() },
  operation: path.slice(1),
  policy: policyOf(methodOf(path)),
  traceId: '',
  callerAddress: '',
  peerAddress: '',
});
