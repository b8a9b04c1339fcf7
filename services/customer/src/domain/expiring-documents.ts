import { daysAfter } from '@bankcrm/kernel';

/** What core banking writes for a document without an end. */
const longTerm = '9999-12-31';
const noticeDays = 90;

/** Documents that have expired or will within 90 days of the bank's today, the earliest first: `passport 2026-12-01`. */
export function expiringDocuments(documents: readonly { kind: string; expireDate: string | null }[], today: string): string[] {
  const until = daysAfter(today, noticeDays);
  return documents
    .flatMap(({ kind, expireDate }) =>
      expireDate !== null && expireDate < longTerm && expireDate <= until ? [{ kind, expireDate }] : [],
    )
    .sort((a, b) => (a.expireDate < b.expireDate ? -1 : a.expireDate > b.expireDate ? 1 : 0))
    .map(({ kind, expireDate }) => `${kind} ${expireDate}`);
}
