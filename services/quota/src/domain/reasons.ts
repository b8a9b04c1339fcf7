/** Every reason of the service's own refusals: programs may depend on them. */
export const Reason = {
  unknownManager: 'UNKNOWN_MANAGER',
  quotaExceeded: 'QUOTA_EXCEEDED',
  customerRestricted: 'CUSTOMER_RESTRICTED',
  customerClosed: 'CUSTOMER_CLOSED',
  decidedMeanwhile: 'DECIDED_MEANWHILE',
  invalidFilter: 'INVALID_FILTER',
} as const;
