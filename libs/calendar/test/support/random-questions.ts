import fc from 'fast-check';
import {
  addWorkingDays,
  addWorkingMinutes,
  type BusinessCalendar,
  endOfWorkingDay,
  isWorkingTime,
  prepareCalendar,
  weekdays,
  workingDays,
  workingMinutesBetween,
} from '../../src/index.ts';
import { type Clocks, minuteModel, readClocks } from './minute-model.ts';

export interface Stretch {
  timeZone: string;
  clocks: Clocks;
  midnights: readonly number[];
}

const daysOfStretch = 10;

/** Zones with odd rules, each with days around which clocks change or years turn. */
const oddDays: Record<string, readonly string[]> = {
  'Asia/Shanghai': ['2025-12-31', '2026-02-14'],
  'Europe/Berlin': ['2026-03-29', '2026-10-25', '2027-01-01'],
  // At one minute past midnight until 2011: the day before came back.
  'America/St_Johns': ['2010-11-07', '2011-03-13', '2026-11-01', '2025-12-31'],
  // By half an hour.
  'Australia/Lord_Howe': ['2026-04-05', '2026-10-04', '2026-01-01'],
  // Back for Ramadan.
  'Africa/Casablanca': ['2025-02-23', '2025-04-06'],
  // Without 2011-12-30.
  'Pacific/Apia': ['2011-12-30', '2010-09-26', '2012-04-01'],
  // At midnight.
  'America/Sao_Paulo': ['2017-10-15', '2018-02-18'],
};

const dayBefore = (date: string, days: number) => new Date(Date.parse(date) - days * 86_400_000).toISOString().slice(0, 10);

/** Around the odd days, and besides so many of each zone anywhere between 2000 and 2050. */
export function stretchesOf(anywhere: number): Stretch[] {
  return Object.entries(oddDays).flatMap(([timeZone, days], zone) => {
    const others = Array.from({ length: anywhere }, (_, index) => dayBefore('2050-01-01', ((index * 7 + zone) * 7_919) % 18_000));
    return [...days, ...others].map((day) => {
      const clocks = readClocks(timeZone, dayBefore(day, daysOfStretch / 2), daysOfStretch);
      const midnights = Array.from(clocks.minuteOfDay.keys()).filter((minute) => clocks.minuteOfDay[minute] === 0);
      return { timeZone, clocks, midnights };
    });
  });
}

const time = (minute: number) => `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
/** Clocks change at night, so many periods begin and end there. */
const edge = fc.oneof(
  fc.integer({ min: 0, max: 1_440 }),
  fc.integer({ min: 0, max: 240 }),
  fc.constantFrom(0, 60, 120, 180, 1_380, 1_440),
);
const periods = fc.uniqueArray(edge, { maxLength: 8 }).map((edges) => {
  const sorted = edges.sort((a, b) => a - b);
  return Array.from({ length: sorted.length >> 1 }, (_, index) => ({
    from: time(sorted[index * 2]!),
    to: time(sorted[index * 2 + 1]!),
  }));
});
const week = fc.record(
  Object.fromEntries(
    weekdays.map((weekday) => [weekday, fc.oneof({ weight: 3, arbitrary: periods }, { weight: 1, arbitrary: fc.constant([]) })]),
  ),
);
/** Even: the edges that fast-check prefers would leave most questions without an answer. */
const evenly = (below: number) => fc.noBias(fc.integer({ min: 0, max: below - 1 }));
const share = evenly(10_000).map((part) => part / 10_000);

/** Any, or one that begins a day, as years do. */
const minuteOf = ({ clocks, midnights }: Stretch) =>
  fc.oneof({ weight: 3, arbitrary: evenly(clocks.minutes) }, { weight: 1, arbitrary: fc.constantFrom(...midnights) });

const calendarOf = ({ timeZone, clocks }: Stretch): fc.Arbitrary<BusinessCalendar> => {
  const years = [...new Set(clocks.dates.map((date) => Number(date.slice(0, 4))))];
  return fc
    .record({
      week,
      loaded: fc.oneof(fc.constant(years), fc.subarray(years)),
      special: fc.dictionary(fc.constantFrom(...clocks.dates), fc.constantFrom('off', ...weekdays), { noNullPrototype: true }),
    })
    .map(({ week, loaded, special }) => ({
      timeZone,
      week,
      years: loaded.map((year) => {
        const days = Object.entries(special).filter(([date]) => date.startsWith(`${year}`));
        return {
          year,
          daysOff: days.filter(([, works]) => works === 'off').map(([date]) => ({ date, name: '假' })),
          makeUpDays: days.flatMap(([date, works]) => (works === 'off' ? [] : [{ date, name: '班', worksAs: works }])),
        };
      }),
    }));
};

/** A calendar and what it is asked: instants as minutes of the stretch, minutes and days as shares of what the stretch has. */
export const questionsOf = (stretches: readonly Stretch[]) =>
  fc.nat({ max: stretches.length - 1 }).chain((index) =>
    fc.record({
      // By its place: a counterexample prints no clocks.
      stretch: fc.constant(index),
      calendar: calendarOf(stretches[index]!),
      from: minuteOf(stretches[index]!),
      to: minuteOf(stretches[index]!),
      part: share,
      days: fc.integer({ min: 1, max: 4 }),
      dates: fc.tuple(share, share),
    }),
  );
export type Questions = ReturnType<typeof questionsOf> extends fc.Arbitrary<infer Value> ? Value : never;

/** What the library answers and what the model does, by question; where the stretch is too short for a question, neither. */
export function answersTo({ clocks }: Stretch, { calendar, from, to, part, days, dates }: Questions) {
  const model = minuteModel(clocks, calendar);
  const prepared = prepareCalendar(calendar);
  const instant = (minute: number) => new Date(clocks.start + minute * 60_000);
  const [low, high] = [Math.min(from, to), Math.max(from, to)];
  const [first, last] = dates.map((share) => model.wholeDates[Math.floor(share * model.wholeDates.length)]!).sort() as [
    string,
    string,
  ];
  const answers: Record<string, { library: unknown; model: unknown }> = {
    isWorkingTime: { library: isWorkingTime(prepared, instant(from)), model: model.isWorkingTime(from) },
    workingMinutesBetween: {
      library: workingMinutesBetween(prepared, instant(low), instant(high)),
      model: model.between(low, high),
    },
    workingDays: { library: workingDays(prepared, first, last), model: model.days(first, last) },
  };
  const after = Math.ceil(part * model.between(from, clocks.minutes).minutes);
  const before = -Math.ceil(part * model.between(0, from).minutes);
  for (const minutes of [after, before]) {
    const { at, provisional } = model.add(from, minutes)!;
    answers[`addWorkingMinutes ${minutes < 0 ? 'before' : 'after'}`] = {
      library: addWorkingMinutes(prepared, instant(from), minutes),
      model: { instant: instant(at), provisional },
    };
  }
  for (const n of [days, -days]) {
    const expected = model.addDays(first, n);
    if (!expected) continue;
    const { date, provisional } = expected;
    answers[`addWorkingDays ${n < 0 ? 'before' : 'after'}`] = {
      library: addWorkingDays(prepared, first, n),
      model: { date, provisional },
    };
  }
  const deadline = model.addDays(model.dateAt(from), days);
  if (deadline && model.wholeDates.includes(model.dateAt(from)))
    answers.endOfWorkingDay = {
      library: endOfWorkingDay(prepared, instant(from), days),
      model: { instant: instant(deadline.end), provisional: deadline.provisional },
    };
  return answers;
}
