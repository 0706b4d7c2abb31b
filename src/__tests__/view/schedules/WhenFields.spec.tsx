import React, { act } from 'react';

import { ComputeError } from '../../../api/errors';
import type { TimesPreview } from '../../../api/types';
import { aSchedule } from '../../../testing/builders';
import type { Drawn } from '../../../testing/react';
import { draw, type } from '../../../testing/react';
import { WhenState } from '../../../view/schedules/state';
import { WhenFields } from '../../../view/schedules/WhenFields';

describe('when a notebook runs', () => {
  const times = jest.fn();
  let state: WhenState;
  let drawn: Drawn;
  const preview = (cron: string): TimesPreview => ({
    cron,
    words: 'what the server says',
    next: ['2026-03-02T06:00:00Z', '2026-03-03T06:00:00Z'],
    by: { kind: 'bridge', here: true, text: 'Your Jupyter server sends them.' }
  });
  const show = async (options: Partial<ConstructorParameters<typeof WhenState>[0]> = {}) => {
    state = new WhenState({ name: 'analysis', times, ...options });
    drawn = draw(<WhenFields state={state} />);
    await settled();
  };
  const settled = () => act(() => jest.advanceTimersByTimeAsync(1000));
  const control = (label: string) => {
    const found = [...drawn.node.querySelectorAll('label')].find(
      ({ textContent }) => textContent === label
    );
    return document.getElementById(found?.htmlFor ?? '') as HTMLInputElement;
  };
  const choose = (label: string, value: string) =>
    act(() => {
      const select = control(label) as unknown as HTMLSelectElement;
      select.value = value;
      select.dispatchEvent(new Event('change', { bubbles: true }));
    });

  beforeEach(() => {
    jest.useFakeTimers({ now: new Date('2026-03-01T12:00:00Z') });
    times.mockReset().mockImplementation(async (cron: string) => preview(cron));
  });

  afterEach(() => {
    drawn.remove();
    state.dispose();
    jest.useRealTimers();
  });

  it('begins with every weekday at seven in the zone of the reader, and says when that is', async () => {
    await show();
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    expect(state.wish).toEqual({
      name: 'analysis',
      cron: '0 7 * * MON-FRI',
      timezone: zone,
      notebook: 'saved',
      catch_up: false,
      overlap: 'skip'
    });
    expect(times).toHaveBeenCalledWith('0 7 * * MON-FRI', zone);
    expect(drawn.node.textContent).toMatch(/Next runs: tomorrow at \d\d:00, Tuesday at \d\d:00/);
    expect(drawn.node.textContent).toContain('Your Jupyter server sends them.');
  });

  it.each([
    ['hour', 'Minutes past'],
    ['day', 'At'],
    ['week', 'On'],
    ['month', 'On day'],
    ['custom', 'Cron expression']
  ])('asks what “%s” leaves open', async (repeat, label) => {
    await show();
    choose('Repeat', repeat);
    expect(control(label)).not.toBeNull();
  });

  it('asks the server once when typing is over, and shows what it says to it', async () => {
    await show({ schedule: aSchedule({ cron: '*/5 * * * *' }) });
    times.mockClear();
    for (const text of ['*', '*/1', '*/10', '*/10 * * * *']) {
      type(control('Cron expression'), text);
    }
    await settled();
    expect(times.mock.calls).toEqual([['*/10 * * * *', 'Europe/Berlin']]);
    expect(drawn.node.textContent).toContain('what the server says');
  });

  it('says what is wrong at its field, and takes it back when it is mended', async () => {
    await show();
    const wrong = new ComputeError('There is no time zone “Mars”.', {
      code: 'invalid',
      pointer: '/timezone'
    });
    times.mockRejectedValueOnce(wrong);
    type(control('Time zone'), 'Mars');
    await settled();
    expect(drawn.node.textContent).toContain('There is no time zone “Mars”.');
    expect(control('Time zone').getAttribute('aria-invalid')).toBe('true');
    type(control('Time zone'), 'Asia/Tokyo');
    await settled();
    expect(drawn.node.textContent).not.toContain('There is no time zone');
    expect(state.wish.timezone).toBe('Asia/Tokyo');
  });

  it('does not let an answer for what stood there before stand for what stands there now', async () => {
    await show();
    let late: (answer: TimesPreview) => void = () => undefined;
    times.mockImplementationOnce(() => new Promise(resolve => (late = resolve)));
    type(control('Time zone'), 'Asia/Tokyo');
    await settled();
    type(control('Time zone'), 'UTC');
    await settled();
    late({ ...preview('x'), by: { kind: 'bridge', here: true, text: 'late' } });
    await settled();
    expect(drawn.node.textContent).not.toContain('late');
  });

  it('asks again what a server that was away could not say', async () => {
    times.mockRejectedValueOnce(new ComputeError('The server is away.', { code: 'offline' }));
    await show();
    expect(drawn.node.textContent).toContain('The server is away.');
    await act(() => state.settle());
    expect(drawn.node.textContent).toContain('Next runs');
  });

  it('keeps all of a schedule that is edited', async () => {
    const schedule = aSchedule({ name: 'Report', overlap: 'run', catch_up: true });
    await show({ schedule: { ...schedule, notebook: 'snapshot', cron: '15 6 L * *' } });
    expect(state.wish).toEqual({
      name: 'Report',
      cron: '15 6 L * *',
      timezone: 'Europe/Berlin',
      notebook: 'snapshot',
      catch_up: true,
      overlap: 'run'
    });
  });

  it('is silent once it is disposed', async () => {
    await show();
    const notify = jest.fn();
    state.changed.connect(notify);
    state.dispose();
    state.choose({ timezone: 'UTC' });
    expect(notify).not.toHaveBeenCalled();
  });
});
