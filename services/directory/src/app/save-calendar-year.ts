import { type CalendarImport, importYear } from '../domain/calendar.ts';
import { matchEtag } from '../domain/input.ts';
import type { DirectoryTx } from '../store/database.ts';
import type { Act, Records } from '../store/records.ts';
import { findCalendar, lockDirectory } from '../store/store.ts';

/** Replaces a year of a calendar in an open transaction; `etag` may be empty. Returns the calendar. */
export async function saveCalendarYear(
  tx: DirectoryTx,
  records: Pick<Records, 'saveCalendar'>,
  imported: CalendarImport,
  etag: string,
  act: Act,
) {
  const revision = await lockDirectory(tx);
  const current = await findCalendar(tx, imported.calendarId);
  matchEtag(current ?? { version: 0 }, etag);
  const calendars = await tx.db.calendar.count();
  const after = importYear(current, imported, { calendars, revision, now: act.now });
  await records.saveCalendar(tx, current, after, imported.year.year, act);
  return after;
}
