import { ComputeClient } from '../../../api/client';
import type { CleanUpResult, Storage } from '../../../api/types';
import { CleanUp } from '../../../view/storage/state';
import type { Asked } from '../../../testing/bridge';
import { FakeBridge, offline } from '../../../testing/bridge';

const CLEAN = 'POST storage/clean-up';

function stored(change: Partial<Storage> = {}): Storage {
  return {
    jobs: 3,
    measured: 3,
    bytes: 9000,
    ended: { jobs: 2, bytes: 6000 },
    only_copies: 1,
    largest: [],
    notebooks: [],
    keep: { days: null, jobs: null, bytes: null },
    ...change
  };
}

function aPiece(change: Partial<CleanUpResult> = {}): CleanUpResult {
  return { jobs: 2, bytes: 600, left: 0, spared: 0, ...change };
}

describe('CleanUp', () => {
  let bridge: FakeBridge;
  let state: CleanUp;
  const gone = jest.fn();

  /** Deletes answer these one after the other; a look tells of `plan`. */
  const pieces = (plan: CleanUpResult, ...list: CleanUpResult[]) =>
    bridge.on(CLEAN, ({ body }: Asked) => ({
      json: (body as { dry_run?: boolean }).dry_run ? plan : list.shift()
    }));

  beforeEach(() => {
    gone.mockReset();
    bridge = new FakeBridge().on('GET storage', { json: stored() });
    const client = new ComputeClient(bridge.settings);
    state = new CleanUp({
      storage: () => client.storage(),
      cleanUp: wish => client.cleanUp(wish),
      gone
    });
  });

  it('asks until everything is measured', async () => {
    const answers = [stored({ measured: 0 }), stored({ measured: 2 }), stored()];
    const seen: (number | undefined)[] = [];
    state.changed.connect(() => void seen.push(state.snapshot.storage?.measured));
    bridge.on('GET storage', () => ({ json: answers.shift() }));
    await state.measure();
    expect(seen).toEqual([0, 2, 3]);
  });

  it('shows what would go before anything does', async () => {
    pieces(aPiece({ jobs: 2, spared: 1 }));
    await state.look({ days: 30 });
    expect(state.snapshot.plan).toMatchObject({ jobs: 2, spared: 1 });
    expect(bridge.askedFor(CLEAN).map(({ body }) => body)).toEqual([{ days: 30, dry_run: true }]);
  });

  it('tells of the last wish only, and asks for it once the first is answered', async () => {
    let answer: (jobs: number) => void = () => undefined;
    bridge.on(CLEAN, ({ body }) => {
      const { days } = body as { days: number };
      return days === 9
        ? { json: aPiece({ jobs: 9 }) }
        : new Promise(resolve => {
            answer = jobs => resolve({ json: aPiece({ jobs }) });
          });
    });
    const first = state.look({ days: 1 });
    await state.look({ days: 5 });
    await state.look({ days: 9 });
    while (bridge.askedFor(CLEAN).length === 0) {
      await Promise.resolve();
    }
    answer(1);
    await first;
    expect(state.snapshot.plan?.jobs).toBe(9);
    expect(bridge.askedFor(CLEAN)).toHaveLength(2);
  });

  it('deletes piece by piece until nothing is left', async () => {
    pieces(aPiece({ jobs: 500 }), aPiece({ jobs: 200, left: 300 }), aPiece({ jobs: 300 }));
    await state.look({ jobs: 0 });
    const seen: unknown[] = [];
    state.changed.connect(() => void seen.push(state.snapshot.progress?.jobs));
    await state.run();
    expect(seen).toEqual([0, 200, 500, 500, 500]);
    expect(state.snapshot).toMatchObject({
      isDeleting: false,
      plan: null,
      progress: { jobs: 500, of: 500, bytes: 1200 }
    });
    expect(gone).toHaveBeenCalledTimes(2);
    expect(bridge.askedFor('GET storage')).toHaveLength(1);
  });

  it('stops after the piece under way', async () => {
    pieces(aPiece({ jobs: 500 }), aPiece({ jobs: 200, left: 300 }), aPiece({ jobs: 300 }));
    await state.look({ jobs: 0 });
    const running = state.run();
    state.stop();
    await running;
    expect(state.snapshot.progress).toMatchObject({ jobs: 200, of: 500 });
  });

  it('does not ask for ever for jobs that cannot be deleted', async () => {
    const stuck = aPiece({ jobs: 0, bytes: 0, left: 300 });
    pieces(aPiece({ jobs: 500 }), stuck, stuck, stuck);
    await state.look({ jobs: 0 });
    await state.run();
    expect(state.snapshot.progress).toMatchObject({ jobs: 0, of: 500 });
    expect(bridge.askedFor(CLEAN)).toHaveLength(2);
  });

  it('deletes nothing that was not shown', async () => {
    pieces(aPiece({ jobs: 0 }));
    await state.run();
    await state.look(null);
    await state.run();
    await state.look({ days: 3 });
    await state.run();
    expect(bridge.askedFor(CLEAN).map(({ body }) => body)).toEqual([{ days: 3, dry_run: true }]);
  });

  it('says what went wrong', async () => {
    bridge.on(CLEAN, offline);
    await state.look({ days: 3 });
    expect(state.snapshot.error?.code).toBe('offline');
    bridge.on('GET storage', offline);
    await state.measure();
    expect(state.snapshot.storage).toBeNull();
  });

  it('is silent and asks for no more once it is gone', async () => {
    const changed = jest.fn();
    bridge.on('GET storage', () => {
      state.dispose();
      return { json: stored({ measured: 0 }) };
    });
    state.changed.connect(changed);
    await state.measure();
    expect(bridge.askedFor('GET storage')).toHaveLength(1);
    expect(changed).not.toHaveBeenCalled();
  });
});
