export { type Bank, banks, type Customer, customerId, personId, queueId, type Role, type Sent, unitId, unitOf } from './bank.ts';
export { type Change, changed, changesOf } from './changes.ts';
export { type Call, sees } from './model.ts';
export { customersSeen, openProjection, type Projection } from './projection.ts';
export { idsWhere, throughEach } from './same-as-model.ts';
