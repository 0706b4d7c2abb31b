import { nullTranslator } from '@jupyterlab/translation';

import { cronOf, dayAndTime, weekdays, whenOf, whenWords } from '../../../view/schedules/when';

const trans = nullTranslator.load('jupyterlab_compute');

describe('when something runs', () => {
  it.each([
    ['0 * * * *', 'hour', 'Every full hour'],
    ['20 * * * *', 'hour', 'Every hour at 20 minutes past'],
    ['0 7 * * *', 'day', 'Every day at 07:00'],
    ['5 17 * * MON-FRI', 'weekday', 'Every weekday at 17:05'],
    ['30 6 * * TUE', 'week', 'Every Tuesday at 06:30'],
    ['0 7 1 * *', 'month', 'On day 1 of every month at 07:00'],
    ['0 7 L * *', 'month', 'On the last day of every month at 07:00'],
    ['*/5 * * * *', 'custom', 'the words of the server'],
    ['0 7 1 * MON', 'custom', 'the words of the server'],
    ['0 7 * 2 *', 'custom', 'the words of the server'],
    ['0 7,8 * * *', 'custom', 'the words of the server'],
    ['0 * 1 * *', 'custom', 'the words of the server']
  ])('reads %s and writes it again', (cron, repeat, words) => {
    const when = whenOf(cron);
    expect(when.repeat).toBe(repeat);
    expect(cronOf(when)).toBe(cron);
    expect(whenWords(cron, 'the words of the server', trans)).toBe(words);
  });

  it.each([
    ['0 7 * * 1-5', '0 7 * * MON-FRI'],
    ['0 7 * * 7', '0 7 * * SUN'],
    ['0 7 * * 0', '0 7 * * SUN'],
    ['0 07 * * sat', '0 7 * * SAT']
  ])('takes %s for the choice that means the same', (cron, other) => {
    expect(cronOf(whenOf(cron))).toBe(other);
  });

  it('begins with every weekday at seven', () => {
    expect(cronOf(whenOf(null))).toBe('0 7 * * MON-FRI');
  });

  it('keeps a half-written expression as it is', () => {
    for (const text of ['', '0', '0 7', '0 7 * *', 'every day', '0 7 * * * *']) {
      expect(cronOf({ ...whenOf(null), repeat: 'custom', cron: text })).toBe(text);
      expect(whenOf(text).repeat).toBe('custom');
    }
  });

  it('knows seven days from Sunday on', () => {
    expect(weekdays()).toEqual([
      ...['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
    ]);
  });
});

describe('a moment in words', () => {
  const now = new Date(2026, 2, 1, 12).getTime();

  it.each([
    [new Date(2026, 2, 1, 7), 'today at 07:00'],
    [new Date(2026, 2, 2, 7), 'tomorrow at 07:00'],
    [new Date(2026, 1, 28, 23, 59), 'yesterday at 23:59'],
    [new Date(2026, 2, 6, 7), 'Friday at 07:00'],
    [new Date(2026, 2, 9, 7), 'Mar 9 at 07:00'],
    [new Date(2027, 0, 1, 7), 'Jan 1, 2027 at 07:00']
  ])('says %s in the zone of the reader', (then, words) => {
    expect(dayAndTime(then.toISOString(), now, trans)).toBe(words);
  });
});
