import { describe, expect, it } from 'vitest';
import { subjectOf } from './subject.ts';

const id = '0190a3f0-0000-7000-8000-000000000001';

describe('what a request is about', () => {
  it('is its name, its parent, or the name of the resource in it', () => {
    expect(subjectOf({ name: `customers/${id}`, etag: '1' })).toBe(`customers/${id}`);
    expect(subjectOf({ parent: `customers/${id}/holdings/${id}` })).toBe(`customers/${id}/holdings/${id}`);
    expect(subjectOf({ parent: `customers/${id}`, interaction: { name: '' } })).toBe(`customers/${id}`);
    expect(subjectOf({ orgUnit: { name: `orgUnits/${id}`, parent: '' } })).toBe(`orgUnits/${id}`);
  });

  it.each([
    undefined,
    {},
    { query: '张伟', pageSize: 10 },
    { orgUnit: { name: '', code: 'BJ' } },
    { name: 'customers/11010519491231002X' },
    { name: 'syncStates/core.13800138000' },
    { name: `customers/${id}/` },
    { name: `customers/${id}/holdings` },
    { name: `6222021234567890123/${id}` },
    { name: id },
    { name: 7 },
  ])('is nothing where no well-formed name stands: %j', (request) => expect(subjectOf(request)).toBe(''));
});
