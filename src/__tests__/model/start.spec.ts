import { Signal } from '@lumino/signaling';

import type { Preview } from '../../api/types';
import { StartEstimate } from '../../model/start';
import { aProfile } from '../../testing/builders';
import type { IProfiles, ProfilesSnapshot, TargetSnapshot } from '../../tokens';

const START = '2026-03-01T10:00:00Z';

describe('StartEstimate', () => {
  const preview = jest.fn();
  const contents = {
    driveName: (path: string) => (path.includes(':') ? path.split(':')[0] : ''),
    localPath: (path: string) => path
  };
  let profiles: { snapshot: ProfilesSnapshot; changed: Signal<IProfiles, void> };
  let target: { snapshot: TargetSnapshot; changed: Signal<never, void> };
  let start: StartEstimate;

  const look = async () => {
    start.isWanted = true;
    await jest.advanceTimersByTimeAsync(1000);
  };
  const open = async (path: string | null) => {
    target.snapshot = { name: path, path, cells: 0 };
    target.changed.emit();
    await jest.advanceTimersByTimeAsync(1000);
  };

  beforeEach(() => {
    jest.useFakeTimers();
    preview.mockReset().mockResolvedValue({ estimated_start: START } as Preview);
    const snapshot = { current: aProfile({ name: 'short' }) } as ProfilesSnapshot;
    profiles = { snapshot, changed: new Signal({} as IProfiles) };
    target = {
      snapshot: { name: 'a.ipynb', path: 'a.ipynb', cells: 1 },
      changed: new Signal({} as never)
    };
    start = new StartEstimate({ jobs: { preview }, profiles, target, contents });
  });

  afterEach(() => {
    start.dispose();
    jest.useRealTimers();
  });

  it('asks nothing while nobody looks', async () => {
    await open('b.ipynb');
    expect(preview).not.toHaveBeenCalled();
  });

  it('says when the notebook would start on the chosen profile', async () => {
    await look();
    expect(start.snapshot).toBe(START);
    expect(preview).toHaveBeenCalledWith({
      profile: 'short',
      source: { kind: 'notebook', path: 'a.ipynb' }
    });
  });

  it('asks once a minute at most, however often the selection changes', async () => {
    await look();
    target.changed.emit();
    await open('a.ipynb');
    expect(preview).toHaveBeenCalledTimes(1);
    await jest.advanceTimersByTimeAsync(61_000);
    await open('a.ipynb');
    expect(preview).toHaveBeenCalledTimes(2);
  });

  it('does not ask again while the scheduler thinks', async () => {
    preview.mockReturnValue(new Promise(() => undefined));
    await look();
    await open('a.ipynb');
    await open('a.ipynb');
    expect(preview).toHaveBeenCalledTimes(1);
  });

  it('does not ask for notebooks that one only passes', async () => {
    start.isWanted = true;
    for (const path of ['b.ipynb', 'c.ipynb', 'd.ipynb']) {
      target.snapshot = { name: path, path, cells: 0 };
      target.changed.emit();
    }
    await jest.advanceTimersByTimeAsync(1000);
    expect(preview).toHaveBeenCalledTimes(1);
  });

  it('does not show the start of one notebook for another', async () => {
    await look();
    let answer: (preview: Preview) => void = () => undefined;
    preview.mockReturnValueOnce(new Promise(resolve => (answer = resolve)));
    await open('b.ipynb');
    expect(start.snapshot).toBeNull();
    await open(null);
    answer({ estimated_start: '2026-03-01T11:00:00Z' } as Preview);
    await jest.advanceTimersByTimeAsync(1000);
    expect(start.snapshot).toBeNull();
  });

  it('is silent when the scheduler cannot say, or does not answer', async () => {
    preview.mockRejectedValue(new Error('no'));
    await look();
    expect(start.snapshot).toBeNull();
    const available = { ok: false, reason: 'down', checked_at: null };
    profiles.snapshot = { current: aProfile({ name: 'down', available }) } as ProfilesSnapshot;
    profiles.changed.emit();
    await jest.advanceTimersByTimeAsync(1000);
    expect(preview).toHaveBeenCalledTimes(1);
  });

  it('does not ask about files of other servers', async () => {
    await open('s3:a.ipynb');
    await look();
    expect(preview).not.toHaveBeenCalled();
  });
});
