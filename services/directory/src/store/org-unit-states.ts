import { type StateFeed, sequenceWithin, uuidKeysAfter } from '@bankcrm/events';
import { eventType, topicOf } from '@bankcrm/proto/descriptors';
import { OrgUnitChanged } from '@bankcrm/proto/gen/bankcrm/directory/v1/events.ts';

const type = 'bankcrm.directory.v1.OrgUnitChanged';
const event = eventType<OrgUnitChanged>(type);

interface Row {
  org_unit_id: string;
  code: string;
  display_name: string;
  parent_id: string | null;
  revision: bigint;
}

/** The org tree as others know it. A trigger marks the units; the revision orders the changes of the whole tree. */
export const orgUnitStates: StateFeed = {
  name: 'org-units',
  topic: topicOf(type),
  keysAfter: uuidKeysAfter('directory.org_unit', 'org_unit_id'),
  async read(tx, keys, turn) {
    const { rows } = await tx.query<Row>(
      'SELECT org_unit_id, code, display_name, parent_id, revision FROM directory.org_unit WHERE org_unit_id = ANY ($1::uuid[])',
      [keys],
    );
    return rows.map((row) => {
      const sequence = sequenceWithin(turn, row.revision);
      const { org_unit_id: orgUnitId, code, display_name: displayName, parent_id: parentId } = row;
      const state: OrgUnitChanged = { orgUnitId, code, displayName, parentId: parentId ?? '', sequence };
      const payload = OrgUnitChanged.encode(state).finish();
      return { ...event(state), subject: `orgUnits/${orgUnitId}`, sequence, payload };
    });
  },
};
