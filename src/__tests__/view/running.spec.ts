import { nullTranslator } from '@jupyterlab/translation';

import { aCluster, aJob, anId } from '../../testing/builders';
import type { JobsSnapshot } from '../../tokens';
import { runningItems } from '../../view/running';

describe('runningItems', () => {
  const trans = nullTranslator.load('jupyterlab_compute');
  const running = aJob({
    id: anId('run'),
    name: 'train',
    state: 'running',
    progress: { done: 1, total: 3, current: null }
  });
  const silent = aJob({ id: anId('hush'), name: 'fit', stale_since: '2026-03-01T09:40:00Z' });
  const sending = aJob({ id: anId('send'), state: 'submitting', can: [] });
  const done = aJob({ id: anId('done'), state: 'succeeded' });
  const lost = aJob({ id: anId('lost'), state: 'unknown' });
  const snapshot = {
    jobs: [running, silent, sending, done, lost],
    clusters: [aCluster({ title: 'slurm-a' })]
  } as unknown as JobsSnapshot;
  const told: string[] = [];
  const items = runningItems(snapshot, trans, {
    onOpen: id => void told.push(`open ${id}`),
    onCancel: id => void told.push(`cancel ${id}`)
  });

  it('shows what is active, in words, and nothing else', () => {
    expect(items.map(({ label, detail }) => [label(), detail?.()])).toEqual([
      ['train', 'Running · 1 of 3 cells'],
      ['fit', expect.stringMatching(/^No word from slurm-a since/)],
      ['analysis.ipynb', 'Sending']
    ]);
    expect(items[0].labelTitle?.()).toContain('train, Running on This machine');
  });

  it('opens and cancels, where that can be asked', () => {
    items[0].open?.();
    items[0].shutdown?.();
    expect(told).toEqual([`open ${running.id}`, `cancel ${running.id}`]);
    expect(items[2].shutdown).toBeUndefined();
  });
});
