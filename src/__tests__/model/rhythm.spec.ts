import { ComputeError, OfflineError } from '../../api/errors';
import { Rhythm } from '../../model/rhythm';

describe('Rhythm', () => {
  let asked: number[];
  let rhythm: Rhythm;
  let error: ComputeError | null;

  beforeEach(() => {
    jest.useFakeTimers({ now: 0 });
    asked = [];
    error = null;
    rhythm = new Rhythm({
      name: 'test',
      standby: 'never',
      random: () => 0.5,
      ask: async () => {
        asked.push(Date.now() / 1000);
        rhythm.answered(error);
      }
    });
    rhythm.isDeaf = false;
  });

  afterEach(() => {
    rhythm.dispose();
    jest.useRealTimers();
  });

  it('asks a server that is away after 1, 2, 4, 8 and then every 10 seconds', async () => {
    error = new OfflineError(null);
    rhythm.use();
    await jest.advanceTimersByTimeAsync(45_000);
    expect(asked).toEqual([0, 1, 3, 7, 15, 25, 35, 45]);
    error = null;
    await jest.advanceTimersByTimeAsync(70_000);
    expect(asked.slice(8)).toEqual([55, 85, 115]);
  });

  it('is in no hurry with a server that refuses', async () => {
    error = new ComputeError('no', { code: 'not_allowed', status: 403 });
    rhythm.use();
    await jest.advanceTimersByTimeAsync(300_000);
    expect(asked).toEqual([0, 30, 90, 210]);
  });

  it('hurries as soon as a question of somebody else got no answer', async () => {
    rhythm.use();
    await jest.advanceTimersByTimeAsync(5000);
    error = new OfflineError(null);
    rhythm.answered(error);
    await jest.advanceTimersByTimeAsync(4000);
    expect(asked).toEqual([0, 6, 8]);
  });

  it('rests when nobody looks and nothing is active', async () => {
    const use = rhythm.use();
    await jest.advanceTimersByTimeAsync(1000);
    use.dispose();
    error = new OfflineError(null);
    rhythm.answered(error);
    await jest.advanceTimersByTimeAsync(600_000);
    expect(asked).toEqual([0]);
    rhythm.isBusy = true;
    await jest.advanceTimersByTimeAsync(0);
    expect(asked).toHaveLength(2);
  });
});
