import type { TranslationBundle } from '@jupyterlab/translation';

import { clock, language } from '../units';

/** How often, in the words of the form. */
export type Repeat = 'hour' | 'day' | 'weekday' | 'week' | 'month' | 'custom';

/** What stands in the form. Fields that a choice does not use keep what stood in them. */
export type When = Readonly<{
  repeat: Repeat;
  /** For every hour: which minute of it. */
  minute: number;
  /** Hours and minutes, as an input of the browser writes them: 07:00. */
  time: string;
  /** 0 is Sunday. */
  weekday: number;
  /** 1 to 31, or L for the last of each month. */
  day: string;
  /** The expression for `custom`. */
  cron: string;
}>;

const USUAL: When = {
  repeat: 'weekday',
  minute: 0,
  time: '07:00',
  weekday: 1,
  day: '1',
  cron: '0 7 * * MON-FRI'
};
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const NUMBER = /^\d{1,2}$/;
/** A Sunday, to ask the browser for the names of the days. */
const SUNDAY = Date.UTC(2023, 0, 1);
const DAY_MS = 24 * 3600 * 1000;

/** What would stand in the form for that expression: a choice where it says the same, else the expression. */
export function whenOf(cron: string | null): When {
  if (cron === null) {
    return USUAL;
  }
  const custom: When = { ...USUAL, repeat: 'custom', cron };
  const fields = cron.toUpperCase().split(' ');
  const [minute, hour, day, month, weekday] = fields;
  if (fields.length !== 5 || !NUMBER.test(minute) || month !== '*') {
    return custom;
  }
  if (!NUMBER.test(hour)) {
    return hour === '*' && day === '*' && weekday === '*'
      ? { ...custom, repeat: 'hour', minute: Number(minute) }
      : custom;
  }
  const at = { ...custom, time: `${hour.padStart(2, '0')}:${minute.padStart(2, '0')}` };
  if (day === '*') {
    const place = WEEKDAYS.indexOf(weekday);
    const number = place >= 0 ? place : /^[0-7]$/.test(weekday) ? Number(weekday) % 7 : null;
    switch (weekday) {
      case '*':
        return { ...at, repeat: 'day' };
      case 'MON-FRI':
      case '1-5':
        return { ...at, repeat: 'weekday' };
      default:
        return number === null ? custom : { ...at, repeat: 'week', weekday: number };
    }
  }
  return weekday === '*' && (NUMBER.test(day) || day === 'L')
    ? { ...at, repeat: 'month', day }
    : custom;
}

/** The expression of what stands in the form. */
export function cronOf({ repeat, minute, time, weekday, day, cron }: When): string {
  const [hours, minutes] = (time || '0:0').split(':').map(Number);
  switch (repeat) {
    case 'hour':
      return `${minute} * * * *`;
    case 'day':
      return `${minutes} ${hours} * * *`;
    case 'weekday':
      return `${minutes} ${hours} * * MON-FRI`;
    case 'week':
      return `${minutes} ${hours} * * ${WEEKDAYS[weekday]}`;
    case 'month':
      return `${minutes} ${hours} ${day} * *`;
    case 'custom':
      return cron.trim();
  }
}

/** The names of the days from Sunday on, in the reader's language. */
export function weekdays(): string[] {
  return WEEKDAYS.map((_, at) =>
    new Date(SUNDAY + at * DAY_MS).toLocaleDateString(language(), {
      weekday: 'long',
      timeZone: 'UTC'
    })
  );
}

/** What the expression means: “Every weekday at 07:00”; for what the form has no words for, the server's. */
export function whenWords(cron: string, words: string, trans: TranslationBundle): string {
  const { repeat, minute, time, weekday, day } = whenOf(cron);
  switch (repeat) {
    case 'hour':
      return minute === 0
        ? trans.__('Every full hour')
        : trans.__('Every hour at %1 past', trans._n('%1 minute', '%1 minutes', minute));
    case 'day':
      return trans.__('Every day at %1', time);
    case 'weekday':
      return trans.__('Every weekday at %1', time);
    case 'week':
      return trans.__('Every %1 at %2', weekdays()[weekday], time);
    case 'month':
      return day === 'L'
        ? trans.__('On the last day of every month at %1', time)
        : trans.__('On day %1 of every month at %2', day, time);
    case 'custom':
      return words;
  }
}

/** “today at 07:00”, “tomorrow at …”, “Monday at …”, else the date: in the reader's zone. */
export function dayAndTime(time: string, now: number, trans: TranslationBundle): string {
  const then = new Date(time);
  const days = Math.round((midnight(then) - midnight(new Date(now))) / DAY_MS);
  const at = clock(time);
  if (days === 0) {
    return trans.__('today at %1', at);
  }
  if (days === 1) {
    return trans.__('tomorrow at %1', at);
  }
  if (days === -1) {
    return trans.__('yesterday at %1', at);
  }
  if (days > 1 && days < 7) {
    return trans.__('%1 at %2', then.toLocaleDateString(language(), { weekday: 'long' }), at);
  }
  const year = then.getFullYear() === new Date(now).getFullYear() ? undefined : 'numeric';
  const date = then.toLocaleDateString(language(), { day: 'numeric', month: 'short', year });
  return trans.__('%1 at %2', date, at);
}

/** The reader's own zone. */
export function ownZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
}

/** All zones that the browser knows; none where it cannot say. */
export function zones(): string[] {
  return Intl.supportedValuesOf?.('timeZone') ?? [];
}

function midnight(date: Date): number {
  return Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
}
