/** What `npm audit --json` prints: where the registry answered, by package, what is known of it; otherwise why not. */
export interface AuditReport {
  vulnerabilities?: Readonly<Record<string, { via: readonly (string | Advisory)[] }>>;
  message?: string;
}

interface Advisory {
  url: string;
  name: string;
  title: string;
  severity: string;
}

/** An advisory that may stand until a day, the last one it holds on. */
export interface Allowed {
  /** `GHSA-…` */
  id: string;
  reason: string;
  /** `2026-12-31` */
  expires: string;
}

export type Verdict = { state: 'UNANSWERED'; why: string } | { state: 'JUDGED'; problems: readonly string[] };

/** Judges a report by the allowlist, as of a day (`2026-11-30`). Each problem is one line that says what to do. */
export function judge(report: AuditReport, allowed: readonly Allowed[], today: string): Verdict {
  if (report.vulnerabilities === undefined) return { state: 'UNANSWERED', why: report.message ?? 'it gave no report' };
  const advisories = new Map<string, Advisory>();
  // A text names another package of the report, by which this one is reached.
  for (const { via } of Object.values(report.vulnerabilities))
    for (const one of via) if (typeof one !== 'string') advisories.set(one.url.split('/').at(-1)!, one);
  const isAllowed = (id: string): boolean => allowed.some((one) => one.id === id && one.expires >= today);
  const known = [...advisories]
    .filter(([id]) => !isAllowed(id))
    .map(
      ([id, { name, severity, title }]) =>
        `${id} (${severity}) in ${name}: ${title}. Update it, or allow it with a reason and a day.`,
    );
  const stale = allowed.flatMap(({ id, expires }) => {
    if (!advisories.has(id)) return [`${id} is allowed and no longer reported: take it off the allowlist.`];
    return expires < today ? [`${id} was allowed until ${expires}: update the package, or look at it again.`] : [];
  });
  return { state: 'JUDGED', problems: [...known, ...stale] };
}

/** The entries of an allowlist. Throws one error that says what is wrong with the first that is none. */
export function readAllowlist(content: unknown): Allowed[] {
  const { advisories } = (content ?? {}) as { advisories?: unknown };
  if (!Array.isArray(advisories)) throw new Error('audit-allowlist.yaml needs a list of advisories.');
  return advisories.map((entry, at) => {
    const { id, reason, expires, ...more } = (entry ?? {}) as Record<string, unknown>;
    const holds =
      /^GHSA(-[a-z0-9]{4}){3}$/.test(String(id)) &&
      typeof reason === 'string' &&
      reason.trim() !== '' &&
      /^\d{4}-\d\d-\d\d$/.test(String(expires)) &&
      !Number.isNaN(Date.parse(String(expires))) &&
      Object.keys(more).length === 0;
    if (!holds)
      throw new Error(
        `audit-allowlist.yaml, entry ${at + 1}: needs id (GHSA-…), reason and expires (2026-12-31), and nothing else.`,
      );
    return { id: String(id), reason: reason as string, expires: String(expires) };
  });
}
