import { Signal } from '@lumino/signaling';
import React, { act } from 'react';

import { ComputeError } from '../../../api/errors';
import type { Trial, TrialRequest } from '../../../api/types';
import { aProfile } from '../../../testing/builders';
import type { Drawn } from '../../../testing/react';
import { click, draw, focus, type } from '../../../testing/react';
import type { ProfilesSnapshot } from '../../../tokens';
import type { Written } from '../../../view/profiles/MyProfiles';
import { MyProfiles } from '../../../view/profiles/MyProfiles';

class Store<S> {
  readonly changed = new Signal<this, void>(this);
  constructor(public snapshot: S) {}

  set(snapshot: S): void {
    this.snapshot = snapshot;
    act(() => this.changed.emit());
  }
}

const SITE = { scheduler: { type: 'slurm' }, environment: { setup: ['module load x'] } };

function known(change: Partial<ProfilesSnapshot> = {}): ProfilesSnapshot {
  const profiles = [
    aProfile({ name: 'small', title: 'Small', origin: 'site', given_in: 'overrides.json' }),
    aProfile({ name: 'mine', title: 'My own', origin: 'user', given_in: 'your settings' }),
    aProfile({ name: 'debug', title: 'Debug', origin: 'found', given_in: '' })
  ];
  const rest = { current: null, problems: [], locked: false, loaded: true, error: null };
  return { profiles, sync: 'idle', ...rest, ...change };
}

describe('MyProfiles', () => {
  const save = jest.fn<Promise<void>, [object]>();
  const tryOut = jest.fn<Promise<Trial>, [TrialRequest]>();
  const mayDelete = jest.fn<Promise<boolean>, [string]>();
  const removeAdded = jest.fn<Promise<void>, [string]>();
  let drawn: Drawn;
  let profiles: Store<ProfilesSnapshot>;
  let written: Store<Written>;

  const show = (mine: unknown = { mine: { title: 'My own', scheduler: 'slurm' } }) => {
    written = new Store<Written>({ mine, site: { small: SITE } });
    const options = { profiles, written, save, removeAdded, tryOut, mayDelete };
    drawn = draw(<MyProfiles options={options} />);
  };
  const row = (title: string) => drawn.node.querySelector(`li[aria-label="${title}"]`)!;
  const press = async (label: string, place: Element = drawn.node) => {
    const button = [...place.querySelectorAll('button')].find(each => each.textContent === label);
    await act(async () => click(button!));
  };
  const field = (label: string) =>
    [...drawn.node.querySelectorAll('label')].find(each => each.textContent === label)
      ?.control as HTMLInputElement;
  const labels = (place: Element) =>
    [...place.querySelectorAll('button')].map(({ textContent }) => textContent);

  beforeEach(() => {
    save.mockReset().mockResolvedValue();
    removeAdded.mockReset().mockResolvedValue();
    tryOut.mockReset();
    mayDelete.mockReset().mockResolvedValue(true);
    profiles = new Store(known());
  });
  afterEach(() => drawn.remove());

  it('says where each comes from, and lets one change one’s own only', () => {
    show();
    expect(row('Small').textContent).toContain('This site’s: overrides.json');
    expect(row('Debug').textContent).toContain('Found on this machine');
    expect(row('My own').textContent).toContain('Yours');
    expect(labels(row('Small'))).toEqual(['Test', 'Duplicate']);
    expect(labels(row('Debug'))).toEqual(['Test', 'Duplicate']);
    expect(labels(row('My own'))).toEqual(['Test', 'Edit', 'Duplicate', 'Delete…']);
  });

  it('says which extension added one, and takes it away on its own', async () => {
    const added = aProfile({
      name: 'spot',
      title: 'Spot',
      origin: 'extension',
      given_in: 'compute-cost'
    });
    profiles.set(known({ profiles: [added, ...known().profiles] }));
    show();
    expect(row('Spot').textContent).toContain('Added by compute-cost');
    expect(labels(row('Spot'))).toEqual(['Test', 'Duplicate', 'Delete…']);
    mayDelete.mockResolvedValue(false);
    await press('Delete…', row('Spot'));
    expect(removeAdded).not.toHaveBeenCalled();
    mayDelete.mockResolvedValue(true);
    removeAdded.mockRejectedValue(new Error('read-only'));
    await press('Delete…', row('Spot'));
    expect(removeAdded).toHaveBeenCalledWith('spot');
    expect(drawn.node.querySelector('[role="alert"]')?.textContent).toContain('read-only');
    expect(save).not.toHaveBeenCalled();
  });

  it('makes a copy of the site’s one’s own, with all that the site wrote, and writes only mine', async () => {
    show();
    await press('Duplicate', row('Small'));
    expect(field('Name').value).toBe('small-copy');
    type(field('Cores, usually'), '8');
    await press('Save profile');
    expect(save).toHaveBeenCalledWith({
      mine: { title: 'My own', scheduler: 'slurm' },
      'small-copy': { ...SITE, title: 'Small (copy)', resources: { cores: { default: 8 } } }
    });
    expect(drawn.node.querySelector('.jp-Compute-profileEditor')).toBeNull();
  });

  it('saves nothing that is wrong, and leads there', async () => {
    show();
    await press('Edit', row('My own'));
    type(field('Memory, usually'), 'much');
    await press('Save profile');
    expect(save).not.toHaveBeenCalled();
    expect(document.activeElement).toBe(field('Memory, usually'));
    expect(drawn.node.textContent).toContain('A size with its unit, such as 4 GiB.');
  });

  it('keeps the form and says so when it cannot be saved', async () => {
    save.mockRejectedValue(new ComputeError('The disk is full.', { code: 'x' }));
    show();
    await press('Edit', row('My own'));
    await press('Save profile');
    expect(drawn.node.textContent).toContain('It was not saved. The disk is full.');
    expect(field('Title').value).toBe('My own');
  });

  it('tries what is being written, one line a check with its cure', async () => {
    tryOut.mockResolvedValue({
      ok: false,
      checks: [
        { what: 'scheduler', ok: true, text: 'The scheduler answers.', hint: '' },
        { what: 'accepts', ok: false, text: 'No such queue.', hint: 'Compare the queue.' },
        { what: 'python', ok: null, text: 'Not seen from here.', hint: '' }
      ]
    });
    show();
    await press('Add a profile');
    type(field('Queue'), 'nowhere');
    await press('Test this profile');
    const settings = { scheduler: { type: 'local' }, queue: 'nowhere' };
    expect(tryOut).toHaveBeenCalledWith({ name: 'mine-2', settings });
    const lines = [...drawn.node.querySelectorAll('.jp-Compute-checks li')];
    expect(lines.map(({ textContent }) => textContent)).toEqual([
      '✓The scheduler answers.',
      '✗No such queue. Compare the queue.',
      '?Not seen from here.'
    ]);
    type(field('Queue'), 'other');
    expect(drawn.node.querySelector('.jp-Compute-checks')).toBeNull();
  });

  it('tries a saved one, and says when that fails', async () => {
    tryOut.mockRejectedValue(new ComputeError('No.', { code: 'x', hint: 'Ask again.' }));
    show();
    await press('Test', row('Debug'));
    expect(tryOut).toHaveBeenCalledWith({ name: 'debug' });
    expect(row('Debug').textContent).toContain('No. Ask again.');
  });

  it('deletes one when one really wants it, and no other', async () => {
    show({ mine: { scheduler: 'slurm' }, other: 7 });
    mayDelete.mockResolvedValueOnce(false);
    await press('Delete…', row('My own'));
    expect(save).not.toHaveBeenCalled();
    await press('Delete…', row('My own'));
    expect(save).toHaveBeenCalledWith({ other: 7 });
  });

  it('keeps the focus when the list gives way to the form, and back', async () => {
    show();
    const [duplicate] = [...row('Debug').querySelectorAll('button')].slice(-1);
    focus(duplicate);
    await press('Duplicate', row('Debug'));
    expect(document.activeElement).toBe(field('Title'));
    focus(drawn.button('Cancel'));
    await press('Cancel');
    expect(document.activeElement).toBe(drawn.button('Add a profile'));
  });

  it('says that the site is locked, and offers nothing that would not count', () => {
    profiles = new Store(known({ locked: true, profiles: [] }));
    show();
    expect(drawn.node.textContent).toContain('only its own profiles count');
    expect(drawn.node.textContent).toContain('Yours, does not count');
    expect(labels(drawn.node)).toEqual(['Edit', 'Delete…']);
  });

  it.each([[7], [[]], ['text'], [null], [{ mine: 7 }], [{ mine: null, x: [] }]])(
    'is not broken by %j in the settings',
    async wrong => {
      const problems = ['Profile “mine” (user): it should be an object.'];
      profiles = new Store(known({ profiles: [], problems }));
      show(wrong);
      expect(drawn.node.textContent).toContain(problems[0]);
      const edit = [...drawn.node.querySelectorAll('button')].find(
        each => each.textContent === 'Edit'
      );
      await act(async () => edit && click(edit));
      expect(drawn.node.textContent).toContain(edit ? 'Edit mine' : 'Add a profile');
    }
  );

  it('follows what is written elsewhere', () => {
    show();
    written.set({ mine: {}, site: {} });
    profiles.set(known({ profiles: [] }));
    expect(drawn.node.querySelectorAll('li')).toHaveLength(0);
  });
});
