import { describe, expect, it } from 'vitest';
import { type ActCount, endOfPack, type Pack, requireReviewable } from './pack.ts';
import { parseQuarter } from './quarter.ts';

const start = new Date('2026-06-30T16:00:00Z');
const end = new Date('2026-09-30T16:00:00Z');
const pack: Pack = {
  quarter: parseQuarter('2026Q3'),
  start,
  end,
  createTime: new Date('2026-10-02T00:00:00Z'),
  entryCount: 1n,
  entriesHash: Buffer.alloc(32),
  head: 7n,
  version: 1,
  state: 'OPEN',
};
const act = (over: Partial<ActCount>): ActCount => ({
  actor: 'staff/a',
  operation: 'bankcrm.customer.v1.Customers/RevealFields',
  decision: 1,
  count: 1n,
  ...over,
});
const review = (over: Partial<Pack>, counts: ActCount[] = [act({})], reviewer = 'staff/b') =>
  requireReviewable({ ...pack, ...over } as Pack, end, reviewer, counts);
const because = (reason: string) => expect.objectContaining({ kind: 'REFUSED', reason });

describe('a pack', () => {
  it('ends with its quarter, and that of the running one now', () => {
    expect(endOfPack({ start, end }, new Date('2026-10-01T00:00:00Z'))).toEqual(end);
    expect(endOfPack({ start, end }, end)).toEqual(end);
    const now = new Date('2026-08-01T00:00:00Z');
    expect(endOfPack({ start, end }, now)).toEqual(now);
    for (const early of [start, new Date('2026-06-01T00:00:00Z')])
      expect(() => endOfPack({ start, end }, early)).toThrow(because('QUARTER_NOT_BEGUN'));
  });

  it('is signed off once, when it covers all of its quarter', () => {
    expect(() => review({})).not.toThrow();
    expect(() => review({ end: new Date(end.getTime() - 1) })).toThrow(because('QUARTER_NOT_OVER'));
    const signed = { state: 'SIGNED_OFF', reviewer: 'staff/c', findings: 'none', signOffTime: end } as const;
    expect(() => review(signed)).toThrow(because('PACK_SIGNED_OFF'));
  });

  it('is signed off by nobody whose own acts are in it, allowed or refused', () => {
    for (const decision of [1, 2])
      expect(() => review({}, [act({}), act({ actor: 'staff/b', decision })])).toThrow(because('OWN_ACTS'));
    const exported = act({ actor: 'staff/b', operation: 'bankcrm.audit.v1.AuditEntries/ExportAuditEntries' });
    expect(() => review({}, [exported])).toThrow(because('OWN_ACTS'));
  });

  it('is signed off by somebody who has signed off the one before', () => {
    const before = act({ actor: 'staff/b', operation: 'bankcrm.audit.v1.AuditPacks/SignOffAuditPack' });
    expect(() => review({}, [act({}), before])).not.toThrow();
  });
});
