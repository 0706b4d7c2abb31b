import React, { act } from 'react';

import { aProfile } from '../../testing/builders';
import type { Drawn } from '../../testing/react';
import { click, draw, focus, press } from '../../testing/react';
import type { ProfilesSnapshot, TargetSnapshot } from '../../tokens';
import { RunBox } from '../../view/RunBox';

const local = aProfile();
const down = { ok: false, reason: 'slurm-b has not answered since 09:40.', checked_at: null };
const night = aProfile({ name: 'night', title: 'Night queue', available: down });

describe('RunBox', () => {
  const events = {
    onChoose: jest.fn(),
    onRunCells: jest.fn(),
    onRunNotebook: jest.fn(),
    onSettings: jest.fn()
  };
  let drawn: Drawn | undefined;

  const show = (
    target: Partial<TargetSnapshot> = {},
    profiles: Partial<ProfilesSnapshot> = {}
  ): Drawn => {
    drawn = draw(
      <RunBox
        profiles={{
          profiles: [local, night],
          current: local,
          problems: [],
          locked: false,
          loaded: true,
          sync: 'idle',
          error: null,
          ...profiles
        }}
        target={{ name: 'a.ipynb', path: 'a.ipynb', cells: 3, ...target }}
        start={null}
        events={events}
      />
    );
    return drawn;
  };

  beforeEach(() => jest.clearAllMocks());
  afterEach(() => drawn?.remove());

  it('says on its buttons what they will do', () => {
    const { button } = show();
    click(button('Run 3 cells'));
    click(button('Run 3 cells'), { shiftKey: true });
    click(button('Run notebook'));
    expect(events.onRunCells.mock.calls).toEqual([[false], [true]]);
    expect(events.onRunNotebook.mock.calls).toEqual([[false]]);
  });

  it('takes a double click for one', () => {
    const { button } = show();
    for (const label of ['Run 3 cells', 'Run notebook']) {
      click(button(label), { detail: 1 });
      click(button(label), { detail: 2 });
    }
    expect(events.onRunCells).toHaveBeenCalledTimes(1);
    expect(events.onRunNotebook).toHaveBeenCalledTimes(1);
  });

  it('does not offer to run cells when none is selected', () => {
    expect(show({ cells: 0 }).button('Run cells').disabled).toBe(true);
  });

  it('says so when no notebook is open', () => {
    const { node } = show({ name: null, path: null, cells: 0 });
    expect(node.textContent).toContain('Open a notebook');
    expect(node.textContent).not.toContain('Run notebook');
  });

  it('changes the profile with one click, and tells which does not answer', () => {
    const { node, button } = show();
    click(button('Profile: This machine'));
    const options = [...node.querySelectorAll<HTMLElement>('[role="option"]')];
    expect(options.map(option => option.getAttribute('aria-selected'))).toEqual(['true', 'false']);
    expect(document.activeElement).toBe(options[0]);
    expect(options[1].textContent).toContain(down.reason);
    press('ArrowDown');
    press('Enter');
    expect(events.onChoose).toHaveBeenCalledWith('night');
    expect(node.querySelector('[role="listbox"]')).toBeNull();
  });

  it('closes the list by Escape and gives the focus back', () => {
    const { node, button } = show();
    click(button('Profile: This machine'));
    press('Escape');
    expect(node.querySelector('[role="listbox"]')).toBeNull();
    expect(document.activeElement).toBe(button('Profile: This machine'));
    expect(events.onChoose).not.toHaveBeenCalled();
  });

  it('closes the list when one goes elsewhere, and leaves the focus there', () => {
    const { node, button } = show();
    click(button('Profile: This machine'));
    act(() => {
      button('Run notebook').dispatchEvent(new Event('pointerdown', { bubbles: true }));
    });
    focus(button('Run notebook'));
    expect(node.querySelector('[role="listbox"]')).toBeNull();
    expect(document.activeElement).toBe(button('Run notebook'));
  });

  it.each(['Tab', 'Escape'])('keeps the list when the focus is taken away, until %s', key => {
    const { node, button } = show();
    click(button('Profile: This machine'));
    focus(button('Run notebook'));
    expect(node.querySelector('[role="listbox"]')).not.toBeNull();
    press(key);
    expect(node.querySelector('[role="listbox"]')).toBeNull();
    expect(document.activeElement).toBe(button('Run notebook'));
  });

  it('shows the default resources only', () => {
    expect(show().node.textContent).toContain('2 cores4 GiB30 min');
  });

  it('says what is wrong with the settings', () => {
    const { node } = show(
      {},
      { problems: ['“x” names no scheduler.'], current: null, profiles: [] }
    );
    expect(node.textContent).toContain('1 problem in the settings');
    expect(node.textContent).toContain('“x” names no scheduler.');
    expect(node.textContent).toContain('No profile is set up');
  });
});
