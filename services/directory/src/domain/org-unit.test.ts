import type { OrgUnitId } from '@bankcrm/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createOrgUnit, moveOrgUnit, type OrgUnit } from './org-unit.ts';

const now = new Date('2026-03-01T08:00:00Z');
const id = (n: number) => `u${n}` as OrgUnitId;
const unit = (n: number, parent: number | null): OrgUnit => ({
  orgUnitId: id(n),
  code: `C${n}`,
  displayName: 'x',
  kind: parent === null ? 'HEAD_OFFICE' : 'BRANCH',
  parentId: parent === null ? null : id(parent),
  version: 1,
  revision: 1n,
  createTime: now,
  updateTime: now,
});
const fields = (over: Partial<OrgUnit>) => ({ ...unit(9, 0), ...over });
const tree = new Map<OrgUnitId, OrgUnitId | null>([
  [id(0), null],
  [id(1), id(0)],
]);

describe('the org tree', () => {
  it('has one head office and every other unit below an existing one', () => {
    expect(createOrgUnit(fields({}), tree, 2n, now)).toMatchObject({ parentId: id(0), version: 1, revision: 2n });
    expect(() => createOrgUnit(fields({ kind: 'HEAD_OFFICE', parentId: null }), tree, 2n, now)).toThrow('HEAD_OFFICE_EXISTS');
    expect(createOrgUnit(fields({ kind: 'HEAD_OFFICE', parentId: null }), new Map(), 2n, now).parentId).toBeNull();
    for (const wrong of [{ parentId: null }, { parentId: id(7) }, { kind: 'HEAD_OFFICE' as const }])
      expect(() => createOrgUnit(fields(wrong), tree, 2n, now)).toThrow(expect.objectContaining({ kind: 'INVALID' }));
  });

  it('stays a tree whatever is moved where: every unit still leads up to the head office', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(9), fc.nat(9)), { maxLength: 60 }), (moves) => {
        const parents = new Map<OrgUnitId, OrgUnitId | null>([[id(0), null]]);
        for (let n = 1; n < 10; n += 1) parents.set(id(n), id(Math.floor((n - 1) / 2)));
        for (const [from, to] of moves) {
          const current = { ...unit(from, 0), parentId: parents.get(id(from))! };
          try {
            parents.set(id(from), moveOrgUnit(current, id(to), parents, 2n, now).parentId);
          } catch (error) {
            const { reason } = error as { reason: string };
            if (reason !== 'MOVED_BELOW_ITSELF' && reason !== 'HEAD_OFFICE_STAYS') throw error;
          }
        }
        for (let n = 0; n < 10; n += 1) {
          let at: OrgUnitId | null = id(n);
          for (let steps = 0; at !== id(0); steps += 1) {
            if (steps > 10 || at === null) throw new Error(`unit ${n} does not lead to the head office`);
            at = parents.get(at)!;
          }
        }
      }),
    );
  });
});
