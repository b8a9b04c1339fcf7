import { describe, expect, it } from 'vitest';
import { type AuditReport, judge, readAllowlist } from '../src/audit-verdict.ts';

/** Of npm 11, shortened: `ws` has an advisory, and `engine` is in the report because it uses `ws`. */
const report: AuditReport = {
  vulnerabilities: {
    ws: {
      via: [
        {
          name: 'ws',
          title: 'ws affected by a DoS when handling a request with many HTTP headers',
          url: 'https://github.com/advisories/GHSA-3h5v-q93c-6h6q',
          severity: 'high',
        },
      ],
    },
    engine: { via: ['ws'] },
  },
};
const clean: AuditReport = { vulnerabilities: {} };
/** Of a registry that keeps packages and takes no audits. */
const refused: AuditReport = {
  message: '405 Method Not Allowed - POST https://registry.example/-/npm/v1/security/advisories/bulk',
};
const allow = (expires: string) => [{ id: 'GHSA-3h5v-q93c-6h6q', reason: 'no server of ours takes such requests', expires }];
const today = '2026-11-30';
const problemsOf = (...[given, allowed]: [AuditReport, Parameters<typeof judge>[1]]) => {
  const verdict = judge(given, allowed, today);
  return verdict.state === 'JUDGED' ? verdict.problems : verdict;
};

describe('an audit of dependencies', () => {
  it('fails for an advisory that nobody has allowed, once, and names the package', () => {
    expect(problemsOf(report, [])).toEqual([expect.stringMatching(/^GHSA-3h5v-q93c-6h6q \(high\) in ws: /)]);
  });

  it('passes for one that is allowed, through its last day', () => {
    expect(problemsOf(report, allow(today))).toEqual([]);
  });

  it('fails again on the day after', () => {
    expect(problemsOf(report, allow('2026-11-29'))).toEqual([
      expect.stringContaining('in ws'),
      expect.stringContaining('was allowed until 2026-11-29'),
    ]);
  });

  it('fails for an entry that nothing needs any more', () => {
    expect(problemsOf(clean, allow('2027-01-01'))).toEqual([expect.stringContaining('take it off the allowlist')]);
  });

  it('says that nothing is known where the registry does not answer', () => {
    expect(judge(refused, [], today)).toEqual({ state: 'UNANSWERED', why: refused.message });
  });
});

it('an entry of the allowlist has an id, a reason and a day, and nothing else', () => {
  const entry = { id: 'GHSA-3h5v-q93c-6h6q', reason: 'why', expires: '2026-12-31' };
  expect(readAllowlist({ advisories: [entry] })).toEqual([entry]);
  for (const wrong of [{ reason: '' }, { expires: 'soon' }, { id: 'CVE-2024-37890' }, { until: 'ever' }])
    expect(() => readAllowlist({ advisories: [entry, { ...entry, ...wrong }] })).toThrow(/entry 2: needs id/);
  expect(() => readAllowlist(null)).toThrow(/needs a list/);
});
