import type { Approver, DecisionTable, Path, Step } from './table.ts';

const hqManager: Approver = { role: 'hq-manager', at: 'bank' };
const compliance: Approver = { role: 'compliance', at: 'bank' };
const admin: Approver = { role: 'admin', at: 'bank' };

const by = (mode: Step['mode'], ...approvers: Approver[]): Path => ({ steps: [{ mode, approvers }], deadlineWorkingDays: 3 });

const upTo10 = { to: 10 };
const upTo30 = { fromExclusive: 10, to: 30 };
const above30 = { fromExclusive: 30 };
const branch = by('ANY', { role: 'branch-manager', at: 'subject' });
const headOffice = by('ANY', hqManager);
const both = by('ALL', hqManager, compliance);

/** The tables that a bank begins with, before it publishes its own. */
export const defaultTables: readonly DecisionTable[] = [
  {
    kind: 'quota.quota-change',
    inputs: [
      // Of the change, whichever its direction, against the present quota.
      { name: 'changePercent', type: 'number', min: 0 },
      { name: 'direction', type: 'text', values: ['raise', 'lower'] },
      { name: 'aboveGradeCeiling', type: 'boolean' },
    ],
    rows: [
      { when: { direction: ['raise'], aboveGradeCeiling: true }, path: both },
      { when: { direction: ['raise'], aboveGradeCeiling: false, changePercent: upTo10 }, path: branch },
      { when: { direction: ['raise'], aboveGradeCeiling: false, changePercent: upTo30 }, path: headOffice },
      { when: { direction: ['raise'], aboveGradeCeiling: false, changePercent: above30 }, path: both },
      { when: { direction: ['lower'], changePercent: upTo10 }, path: branch },
      { when: { direction: ['lower'], changePercent: upTo30 }, path: headOffice },
      { when: { direction: ['lower'], changePercent: above30 }, path: both },
    ],
  },
  {
    kind: 'quota.access',
    inputs: [{ name: 'restricted', type: 'boolean' }],
    rows: [
      { when: { restricted: false }, path: by('ANY', { superior: 'maker' }) },
      { when: { restricted: true }, path: by('ANY', compliance) },
    ],
  },
  {
    kind: 'customer.restriction',
    inputs: [{ name: 'act', type: 'text', values: ['restrict', 'lift', 'name-participant'] }],
    rows: [{ when: {}, path: by('ANY', compliance) }],
  },
  // Posts that give a bank-wide scope, a permission to approve, or admin; others need no approval.
  { kind: 'directory.posts', inputs: [], rows: [{ when: {}, path: by('ALL', compliance, admin) }] },
  { kind: 'quota.restricted-handover', inputs: [], rows: [{ when: {}, path: by('ANY', compliance) }] },
];
