import type { AuditedCall } from '@bankcrm/service';

/** What the service does for itself at start, as the audit log names it. */
export const ownCall = (operation: string): AuditedCall => ({
  caller: { kind: 'service', clientId: 'directory', permissions: new Set() },
  operation: `directory/${operation}`,
  policy: { permission: '', audit: true, highPrivilege: true, serviceOnly: true, linkToken: false },
  traceId: '',
  callerAddress: '',
  peerAddress: '',
});
