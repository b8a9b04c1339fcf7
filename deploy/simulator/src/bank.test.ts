import { describe, expect, it } from 'vitest';
import { builtInBank, readBank, toBank } from './bank.ts';

const content = {
  org_units: [
    { code: 'HQ', name: '总行', kind: 'head-office' },
    { code: 'BJ', name: '北京分行', kind: 'branch', parent: 'HQ' },
    { code: 'BJ-CY', name: '北京朝阳支行', kind: 'sub-branch', parent: 'BJ' },
    { code: 'BJ-CY-COUNTER', name: '柜面组', kind: 'team', parent: 'BJ-CY' },
  ],
  staff: [
    { staff_number: '100001', posts: [{ org_unit: 'BJ-CY', role: 'rm' }] },
    {
      staff_number: '100002',
      posts: [
        { org_unit: 'BJ', role: 'senior-rm' },
        { org_unit: 'HQ', role: 'admin' },
      ],
    },
    { staff_number: '100003', posts: [{ org_unit: 'BJ-CY', role: 'branch-manager' }] },
  ],
};

describe('a bank file', () => {
  it('gives customers to sub-branches, their managers, and the senior managers of the branch above', () => {
    expect(toBank(content, 'bank.yaml').branches).toEqual([
      { code: 'BJ-CY', name: '北京朝阳支行', rms: ['100001'], seniorRms: ['100002'] },
    ]);
  });

  it('falls back to units without children where no sub-branch is named', () => {
    const flat = {
      org_units: [
        { code: 'A', name: 'A', kind: 'office' },
        { code: 'B', name: 'B', kind: 'office', parent: 'A' },
      ],
    };
    expect(toBank(flat, 'bank.yaml').branches.map((b) => b.code)).toEqual(['B']);
  });

  it('says what is wrong with it', () => {
    expect(() => toBank({}, 'bank.yaml')).toThrow(/bank\.yaml has no org_units/);
    expect(() => readBank('/no/such/file.yaml')).toThrow(/cannot read \/no\/such\/file\.yaml/);
  });

  it('is not needed', () => {
    expect(builtInBank.branches).toHaveLength(8);
  });
});
