import { ComputeClient } from '../../api/client';
import type { Added } from '../../model/profiles';
import { currentOf, Profiles } from '../../model/profiles';
import { aProfile, aProfileList } from '../../testing/builders';
import { FakeBridge } from '../../testing/bridge';

const down = { ok: false, reason: 'slurm-a does not answer.', checked_at: null };
const gone = aProfile({ name: 'gone', available: down });
const here = aProfile({ name: 'here' });
const site = aProfile({ name: 'site', is_default: true, available: down });

describe('currentOf', () => {
  it.each([
    ['the last choice', [gone, here, site], 'here', 'here'],
    ["the site's default when the choice is gone", [gone, here, site], 'renamed', 'site'],
    ['one that answers when the site names none', [gone, here], null, 'here'],
    ['any when none answers', [gone], null, 'gone']
  ])('takes %s', (_, profiles, choice, expected) => {
    expect(currentOf(profiles, choice)?.name).toBe(expected);
  });

  it('is nothing without profiles', () => {
    expect(currentOf([], 'here')).toBeNull();
  });
});

describe('Profiles', () => {
  let bridge: FakeBridge;
  let kept: string[];
  /** What the settings held, the latest last. */
  let written: Added[];
  /** What a page that has been open for long knows. */
  let known: Added | undefined;
  let profiles: Profiles;

  beforeEach(() => {
    kept = [];
    bridge = new FakeBridge().on('GET profiles', {
      json: aProfileList({ profiles: [here, gone] })
    });
    const choice = {
      get: async () => kept[kept.length - 1] ?? null,
      set: async (name: string) => void kept.push(name)
    };
    written = [{}];
    known = undefined;
    const added = {
      get: async () => known ?? written[written.length - 1],
      read: async () => written[written.length - 1],
      set: async (all: Added) => void written.push(all)
    };
    const client = new ComputeClient(bridge.settings);
    profiles = new Profiles({ connect: async () => client, choice, added });
  });

  it('loads once, however many ask', async () => {
    await Promise.all([profiles.load(), profiles.load()]);
    await profiles.load();
    expect(bridge.asked).toHaveLength(1);
    expect(profiles.snapshot).toMatchObject({ current: here, loaded: true, sync: 'idle' });
  });

  it('remembers the choice, also when the list comes anew', async () => {
    await profiles.load();
    await profiles.choose('gone');
    expect(kept).toEqual(['gone']);
    await profiles.refresh();
    expect(profiles.snapshot.current).toEqual(gone);
    expect(bridge.asked[1].query).toEqual({ refresh: '1' });
  });

  it('asks again when the settings change while it asks', async () => {
    let answer: () => void = () => undefined;
    const first = new Promise<void>(resolve => (answer = resolve));
    bridge.on('GET profiles', async () => {
      await first;
      return { json: aProfileList({ profiles: [bridge.asked.length === 1 ? gone : here] }) };
    });
    const loading = profiles.load();
    const refreshed = Promise.all([profiles.refresh(), profiles.refresh()]);
    answer();
    await Promise.all([loading, refreshed]);
    expect(profiles.snapshot.profiles).toEqual([here]);
    expect(bridge.asked.map(({ query }) => query.refresh)).toEqual(['0', '1']);
  });

  it('keeps the profiles when a later question fails', async () => {
    await profiles.load();
    bridge.on('GET profiles', { status: 500, json: { message: 'boom' } });
    await profiles.refresh();
    expect(profiles.snapshot).toMatchObject({ sync: 'stale', profiles: [here, gone] });
    expect(profiles.snapshot.error?.message).toBe('boom');
  });

  it('says that the bridge is missing', async () => {
    bridge.on('GET profiles', { status: 404, json: { message: 'Not Found' } });
    await profiles.load();
    expect(profiles.snapshot.error?.code).toBe('no_bridge');
  });

  describe('with profiles from code', () => {
    const spot = { title: 'Spot', scheduler: { type: 'slurm' } };
    const kept = { source: 'compute-cost', settings: spot };

    it('loses none when several are added at once', async () => {
      await Promise.all([
        profiles.add('cost.a', spot, 'compute-cost'),
        profiles.add('cost.b', spot, 'compute-cost')
      ]);
      expect(written.at(-1)).toEqual({ 'cost.a': kept, 'cost.b': kept });
    });

    it('keeps what another page has added since this one read', async () => {
      known = {};
      written.push({ 'cost.other': kept });
      await profiles.add('cost.a', spot, 'compute-cost');
      expect(written.at(-1)).toEqual({ 'cost.other': kept, 'cost.a': kept });
    });

    it('writes nothing when the same is added again, as at every start', async () => {
      await profiles.add('cost.a', spot, 'compute-cost');
      await profiles.add('cost.a', { ...spot }, 'compute-cost');
      expect(written).toHaveLength(2);
      await profiles.add('cost.a', { ...spot, queue: 'spot' }, 'compute-cost');
      expect(written).toHaveLength(3);
    });

    it('takes back that one, and asks the server nothing', async () => {
      await profiles.add('cost.a', spot, 'compute-cost');
      await profiles.add('cost.b', spot, 'compute-cost');
      await profiles.remove('cost.a');
      await profiles.remove('none');
      expect(written.at(-1)).toEqual({ 'cost.b': kept });
      expect(written).toHaveLength(4);
      expect(bridge.asked).toEqual([]);
    });

    it('says that it could not be written, and goes on with the next', async () => {
      const failing = jest.fn().mockRejectedValueOnce(new Error('read-only'));
      profiles = new Profiles({
        connect: () => Promise.reject(new Error('not asked')),
        choice: { get: async () => null, set: async () => undefined },
        added: {
          get: async () => ({}),
          read: async () => ({}),
          set: failing.mockResolvedValue(undefined)
        }
      });
      const first = profiles.add('cost.a', spot, 'compute-cost');
      const second = profiles.add('cost.b', spot, 'compute-cost');
      await expect(first).rejects.toThrow('read-only');
      await second;
      expect(failing).toHaveBeenLastCalledWith({ 'cost.b': kept });
    });
  });
});
