export { apply as applyScope } from './apply.ts';
export { applyOrgUnits, type OrgUnit } from './apply-org-units.ts';
export { customerScopeSql, type ScopeTables } from './customer-scope.ts';
export { customerPolicySql, customersInSight } from './customers-in-sight.ts';
export { decode as decodeScope } from './decode.ts';
export type { Incoming as ScopeMessage } from './incoming.ts';
export { scopeSchema } from './migrate-scope.ts';
export { type Placements, type PlacementsOptions, startPlacements } from './placements.ts';
