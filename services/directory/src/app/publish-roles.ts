import { createHash } from 'node:crypto';
import { nobody } from '@bankcrm/database';
import type { Role } from '@bankcrm/proto/gen/bankcrm/directory/v1/directory.ts';
import { lockDirectory } from '../store/store.ts';
import type { ReadDeps } from './deps.ts';

/** Notes at start that the table of roles is another one than before: watchers that resume are then told everything anew. */
export function publishRoles({ database }: ReadDeps, roles: readonly Role[]): Promise<void> {
  const sha256 = createHash('sha256').update(JSON.stringify(roles)).digest('hex');
  return database.inTransaction(nobody, async (tx) => {
    const known = await tx.db.permissionTable.findFirst();
    if (known?.sha256 === sha256) return;
    const revision = await lockDirectory(tx);
    await tx.db.permissionTable.upsert({ where: { onlyRow: true }, create: { sha256, revision }, update: { sha256, revision } });
  });
}
