import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';

type Bank = {
  org_units: { code: string; name: string; kind: string; parent?: string }[];
  staff: { staff_number: string; name: string; email: string; posts: { org_unit: string; role: string }[] }[];
};
const bank = parse(readFileSync(join(import.meta.dirname, '..', 'demo-bank.yaml'), 'utf8')) as Bank;
const postsOf = (role: string) => bank.staff.filter((member) => member.posts.some((post) => post.role === role));

// The table in spec/access.md, without the core system's service account.
const roles = [
  ...['teller', 'rm', 'senior-rm', 'service-agent', 'marketer', 'branch-manager', 'hq-manager', 'risk-officer'],
  ...['compliance', 'data-steward', 'admin', 'operator'],
];

it('has somebody for every built-in role, and for no other', () => {
  const held = new Set(bank.staff.flatMap((member) => member.posts.map((post) => post.role)));
  expect([...held].sort()).toEqual([...roles].sort());
});

it('has two people in each role that decides what others ask for, so that four eyes can be shown', () => {
  for (const role of ['admin', 'compliance', 'hq-manager', 'risk-officer', 'data-steward'])
    expect(postsOf(role).length, role).toBeGreaterThanOrEqual(2);
});

it('has relationship managers at every sub-branch, 24 or more in all', () => {
  const managers = [...postsOf('rm'), ...postsOf('senior-rm')];
  expect(managers.length).toBeGreaterThanOrEqual(24);
  for (const unit of bank.org_units.filter((candidate) => candidate.kind === 'sub-branch')) {
    expect(managers.some((member) => member.posts.some((post) => post.org_unit === unit.code))).toBe(true);
  }
});

it('is one tree under the head office, and every post is in it', () => {
  const codes = new Map(bank.org_units.map((unit) => [unit.code, unit]));
  expect(codes.size).toBe(bank.org_units.length);
  expect(bank.org_units.filter((unit) => unit.parent === undefined).map((unit) => unit.kind)).toEqual(['head-office']);
  for (const unit of bank.org_units) if (unit.parent !== undefined) expect(codes.has(unit.parent)).toBe(true);
  for (const member of bank.staff) for (const post of member.posts) expect(codes.has(post.org_unit)).toBe(true);
});

it('has one person with two posts, and no staff number or e-mail address twice', () => {
  expect(bank.staff.filter((member) => member.posts.length === 2)).toHaveLength(1);
  expect(new Set(bank.staff.map((member) => member.staff_number)).size).toBe(bank.staff.length);
  expect(new Set(bank.staff.map((member) => member.email)).size).toBe(bank.staff.length);
});
