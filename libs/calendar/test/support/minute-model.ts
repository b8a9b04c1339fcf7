import { type BusinessCalendar, weekdays } from '../../src/index.ts';

/** What a zone's clock shows at each minute of a stretch of time: the civil date, as an index of `dates`, and the minute of the day. */
export interface Clocks {
  start: number;
  minutes: number;
  dates: readonly string[];
  dateOf: Uint16Array;
  minuteOfDay: Uint16Array;
}

/** Asks the runtime for each minute of so many days from a date on. */
export function readClocks(timeZone: string, from: string, days: number): Clocks {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' });
  const start = Date.parse(`${from}T00:00:00Z`);
  const minutes = days * 1_440;
  const dates: string[] = [];
  const dateOf = new Uint16Array(minutes);
  const minuteOfDay = new Uint16Array(minutes);
  for (let minute = 0; minute < minutes; minute += 1) {
    const [date, time] = format.format(start + minute * 60_000).split(' ') as [string, string];
    if (!dates.includes(date)) dates.push(date);
    dateOf[minute] = dates.indexOf(date);
    minuteOfDay[minute] = Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
  }
  return { start, minutes, dates, dateOf, minuteOfDay };
}

/** The bank's time by walking minutes: slow, and too simple to be wrong in the same way. Instants are indexes of minutes. */
export function minuteModel(clocks: Clocks, { week, years }: BusinessCalendar) {
  const minutesOf = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
  const isLoaded = clocks.dates.map((date) => years.some(({ year }) => date.startsWith(`${year}`)));
  const minutesOfDate = clocks.dates.map((date) => {
    const isOff = years.some(({ daysOff }) => daysOff.some((day) => day.date === date));
    const makeUp = years.flatMap(({ makeUpDays }) => makeUpDays).find((day) => day.date === date);
    const periods = isOff ? [] : week[makeUp?.worksAs ?? weekdays[new Date(date).getUTCDay()]!];
    const works = new Array<boolean>(1_440).fill(false);
    for (const { from, to } of periods ?? []) works.fill(true, minutesOf(from), minutesOf(to));
    return works;
  });
  const works = (minute: number) => minutesOfDate[clocks.dateOf[minute]!]![clocks.minuteOfDay[minute]!]!;

  const lastMinuteOf = new Map<string, number>();
  for (let minute = 0; minute < clocks.minutes; minute += 1)
    if (works(minute)) lastMinuteOf.set(clocks.dates[clocks.dateOf[minute]!]!, minute);
  // The stretch may hold only a part of its first and its last date.
  const wholeDates = clocks.dates.slice(1, -1);

  const isProvisional = (from: number, to: number) => {
    for (let minute = from; minute < to; minute += 1) if (!isLoaded[clocks.dateOf[minute]!]) return true;
    return false;
  };
  const areProvisional = (dates: readonly string[]) => dates.some((date) => !isLoaded[clocks.dates.indexOf(date)]);

  return {
    wholeDates,
    dateAt: (minute: number) => clocks.dates[clocks.dateOf[minute]!]!,
    isWorkingTime: (minute: number) => ({ isWorking: works(minute), provisional: isProvisional(minute, minute + 1) }),
    between: (from: number, to: number) => {
      let minutes = 0;
      for (let minute = from; minute < to; minute += 1) if (works(minute)) minutes += 1;
      return { minutes, provisional: isProvisional(from, to) };
    },
    /** Undefined where the stretch ends before. */
    add: (from: number, minutes: number) => {
      let left = Math.abs(minutes);
      let at = from;
      if (minutes >= 0) for (; left > 0 && at < clocks.minutes; at += 1) left -= works(at) ? 1 : 0;
      else for (; left > 0 && at > 0; at -= 1) left -= works(at - 1) ? 1 : 0;
      return left > 0 ? undefined : { at, provisional: isProvisional(Math.min(from, at), Math.max(from, at)) };
    },
    addDays: (from: string, days: number) => {
      const beside = days > 0 ? wholeDates.filter((date) => date > from) : wholeDates.filter((date) => date < from).reverse();
      const date = beside.filter((date) => lastMinuteOf.has(date))[Math.abs(days) - 1];
      return date === undefined
        ? undefined
        : { date, end: lastMinuteOf.get(date)! + 1, provisional: areProvisional(beside.slice(0, beside.indexOf(date) + 1)) };
    },
    days: (from: string, to: string) => {
      const dates = wholeDates.filter((date) => date >= from && date <= to);
      return { days: dates.filter((date) => lastMinuteOf.has(date)).length, provisional: areProvisional(dates) };
    },
  };
}
