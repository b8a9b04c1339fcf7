/** Where the audit entries of every service go; the relay numbers them without gaps within a service. */
export const auditTopic = 'bankcrm.audit.v1.entries';
