import type { BusinessCalendar, CalendarYear, WorkingPeriod } from '../../src/index.ts';

const office: WorkingPeriod[] = [
  { from: '09:00', to: '12:00' },
  { from: '13:30', to: '17:30' },
];
export const officeWeek = { MONDAY: office, TUESDAY: office, WEDNESDAY: office, THURSDAY: office, FRIDAY: office };

/** `2026-02-15`, `2026-02-16` and so on to the last. */
const run = (year: number, name: string, first: string, days: number) =>
  Array.from({ length: days }, (_, index) => ({
    name,
    date: new Date(Date.parse(`${year}-${first}T00:00:00Z`) + index * 86_400_000).toISOString().slice(0, 10),
  }));

/** Notice of the State Council's General Office on days off in 2025, published on 2024-11-12. Make-up days work as Mondays do. */
const year2025: CalendarYear = {
  year: 2025,
  daysOff: [
    ...run(2025, '元旦', '01-01', 1),
    ...run(2025, '春节', '01-28', 8),
    ...run(2025, '清明节', '04-04', 3),
    ...run(2025, '劳动节', '05-01', 5),
    ...run(2025, '端午节', '05-31', 3),
    ...run(2025, '国庆节、中秋节', '10-01', 8),
  ],
  makeUpDays: ['01-26', '02-08', '04-27', '09-28', '10-11'].map((day) => ({
    name: '上班',
    date: `2025-${day}`,
    worksAs: 'MONDAY',
  })),
};

/** The same for 2026, published on 2025-11-04. */
const year2026: CalendarYear = {
  year: 2026,
  daysOff: [
    ...run(2026, '元旦', '01-01', 3),
    ...run(2026, '春节', '02-15', 9),
    ...run(2026, '清明节', '04-04', 3),
    ...run(2026, '劳动节', '05-01', 5),
    ...run(2026, '端午节', '06-19', 3),
    ...run(2026, '中秋节', '09-25', 3),
    ...run(2026, '国庆节', '10-01', 7),
  ],
  makeUpDays: ['01-04', '02-14', '02-28', '05-09', '09-20', '10-10'].map((day) => ({
    name: '上班',
    date: `2026-${day}`,
    worksAs: 'MONDAY',
  })),
};

/** Monday to Friday, 09:00–12:00 and 13:30–17:30 in Shanghai, with the days of 2025 and 2026. */
export const shanghai: BusinessCalendar = { timeZone: 'Asia/Shanghai', week: officeWeek, years: [year2025, year2026] };
