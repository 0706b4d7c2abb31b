import { LiveJob, LiveStore } from '../../notebook/store';
import { event } from './fakejobs';

describe('LiveStore', () => {
  let store: LiveStore;

  /** A job of cell `a` that was sent then. */
  const sent = (key: string, sentAtMs: number): LiveJob => {
    const job = new LiveJob(key, 'a.ipynb', 'Short queue', sentAtMs, () => '');
    job.expect([{ id: 'a', sha256: '' }]);
    store.add(job);
    return job;
  };
  const cellOf = (job: LiveJob) => job.cells.get('a')!;
  const newest = () => store.entries('a.ipynb').get('a')?.job.key;

  beforeEach(() => {
    store = new LiveStore();
    sent('old', 1);
  });

  afterEach(() => store.dispose());

  it('gives a cell to the job that was sent last', () => {
    sent('young', 2);
    sent('older', 0);
    expect(newest()).toBe('young');
  });

  it('does not bring back an older result when the mark of a newer one is taken away', () => {
    const young = sent('young', 2);
    const { live } = cellOf(young);
    [event.started('a'), event.text('a', 'one\n'), event.ended('a')].forEach(each =>
      live.apply(each)
    );
    cellOf(young).fate = 'dismissed';
    expect(newest()).toBeUndefined();
  });

  it('goes back to the job before when the newer one never ran and its mark is taken away', () => {
    cellOf(sent('young', 2)).fate = 'dismissed';
    expect(newest()).toBe('old');
  });

  it('takes the jobs along when the notebook is renamed', () => {
    store.rename('a.ipynb', 'b.ipynb');
    expect(newest()).toBeUndefined();
    expect(store.entries('b.ipynb').get('a')?.job.key).toBe('old');
  });
});
