export { applyOrgUnits, type OrgUnit } from './apply-org-units.ts';
export { customerScopeSql, type ScopeTables } from './customer-scope.ts';
export { customerPolicySql, customersInSight } from './customers-in-sight.ts';
export { scopeSchema } from './migrate-scope.ts';
export { type Placements, type PlacementsOptions, startPlacements } from './placements.ts';
