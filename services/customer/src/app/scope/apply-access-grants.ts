import { batch, columns, type Tx } from '@bankcrm/database';
import type { AccessGrantChanged } from '@bankcrm/proto/gen/bankcrm/quota/v1/access_grants.ts';
import { onlyNewer } from './only-newer.ts';

/** Keeps the newest state of each access grant: whom it opens to, until when. One that names nobody opens nothing any more. */
export async function applyAccessGrants(tx: Tx, grants: readonly AccessGrantChanged[]): Promise<void> {
  const newer = await onlyNewer(tx, 'grant_version', grants, ({ grantId }) => grantId);
  if (newer.length === 0) return;
  await tx.query({
    name: 'delete-access-grants',
    text: 'DELETE FROM customer.access_grant WHERE grant_id = ANY ($1::uuid[])',
    values: [columns.uuids(newer.map(({ grantId }) => grantId))],
  });
  const rows = newer.flatMap(({ customerIds, ...grant }) => customerIds.map((customerId) => ({ ...grant, customerId })));
  await tx.query({
    name: 'insert-access-grants',
    text: `
      INSERT INTO customer.access_grant (grant_id, customer_id, staff_id, expire_time)
      SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::timestamptz[])`,
    values: batch(rows, { grantId: 'uuid', customerId: 'uuid', staffId: 'uuid', expireTime: 'timestamptz' }),
  });
}
