import { describe, expect, it } from 'vitest';
import { changedPolicies } from './row-security.ts';

describe('policies', () => {
  it('that came, went or say something else are named', () => {
    const before = { 'kept of kit.note': '(a)', 'gone of kit.note': '(b)', 'altered of kit.note': '(c)' };
    const now = { 'kept of kit.note': '(a)', 'altered of kit.note': '(d)', 'new of kit.note': '(e)' };
    expect(changedPolicies(before, now)).toEqual(['altered of kit.note', 'gone of kit.note', 'new of kit.note']);
    expect(changedPolicies(before, before)).toEqual([]);
  });
});
