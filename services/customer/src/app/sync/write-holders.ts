import { columns, type Tx } from '@bankcrm/database';
import type { AccountSnapshot } from '@bankcrm/proto/gen/corebanking/v1/accounts.ts';
import type { PartyKey } from './mention-parties.ts';
import { byBytes } from './order.ts';

/** An account whose holders are to become those of its snapshot. */
export type HeldAccount = Pick<AccountSnapshot, 'sourceSystem' | 'holders'> & {
  accountId: Buffer;
  /** Nobody held it before. */
  isNew: boolean;
};

/** Makes the holders of these accounts those of their snapshots. Returns the parties that no longer hold one. */
export async function writeHolders(
  tx: Tx,
  accounts: readonly HeldAccount[],
  keyOf: (sourceSystem: string, sourceId: string) => PartyKey,
): Promise<string[]> {
  const rows = accounts.flatMap(({ accountId, sourceSystem, holders }) => {
    // Somebody named twice holds the account in the strongest of the roles: the lowest number.
    const roles = new Map<string, number>();
    for (const { customerSourceId, role } of holders)
      roles.set(customerSourceId, Math.min(role, roles.get(customerSourceId) ?? role));
    return [...roles].map(([sourceId, role]) => ({ accountId, role, partyId: keyOf(sourceSystem, sourceId).partyId }));
  });
  rows.sort((a, b) => byBytes(a.partyId, b.partyId) || byBytes(a.accountId, b.accountId));
  const given = [
    columns.uuids(rows.map(({ partyId }) => partyId)),
    columns.uuids(rows.map(({ accountId }) => accountId)),
    columns.int4s(rows.map(({ role }) => role)),
  ];
  const known = accounts.filter(({ isNew }) => !isNew).map(({ accountId }) => accountId);
  const gone =
    known.length === 0
      ? []
      : (
          await tx.query<{ party_id: string }>({
            name: 'delete-holders',
            text: `
              DELETE FROM customer.holder WHERE account_id = ANY ($3::uuid[])
                AND (party_id, account_id) NOT IN (SELECT * FROM unnest($1::uuid[], $2::uuid[]))
              RETURNING party_id`,
            values: [...given.slice(0, 2), columns.uuids(known)],
          })
        ).rows;
  await tx.query({
    name: 'upsert-holders',
    text: `
      INSERT INTO customer.holder AS holder (party_id, account_id, role)
      SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::int4[])
      ON CONFLICT (party_id, account_id) DO UPDATE SET role = excluded.role WHERE holder.role <> excluded.role`,
    values: given,
  });
  return gone.map(({ party_id }) => party_id);
}
