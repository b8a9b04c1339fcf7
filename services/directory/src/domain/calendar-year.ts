export { readCalendarYear as checkCalendarYear, readWorkingHours as checkWorkingHours } from '@bankcrm/calendar';
