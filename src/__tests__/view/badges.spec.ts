import { nullTranslator } from '@jupyterlab/translation';

import type { Job } from '../../api/types';
import { aJob, anId } from '../../testing/builders';
import { FileBadges } from '../../view/badges';

describe('FileBadges', () => {
  let node: HTMLElement;
  let folder: string | null;
  let badges: FileBadges;
  const trans = nullTranslator.load('jupyterlab_compute');

  const row = (name: string) => {
    const item = document.createElement('li');
    item.className = 'jp-DirListing-item';
    item.innerHTML =
      '<span class="jp-DirListing-itemIcon"></span><span class="jp-DirListing-itemText"><span></span></span>';
    (item.querySelector('.jp-DirListing-itemText span') as HTMLElement).textContent = name;
    return node.appendChild(item);
  };
  const job = (path: string, change: Partial<Job> = {}) =>
    aJob({
      id: anId(path),
      source: { kind: 'notebook', path, cells: [] },
      state: 'running',
      ...change
    });
  const seen = () =>
    [...node.children].map(item => {
      const name = item.querySelector('.jp-DirListing-itemText');
      return [
        (item as HTMLElement).dataset.jpCompute,
        (item.querySelector('.jp-DirListing-itemIcon') as HTMLElement).title,
        name?.getAttribute('aria-description') ?? ''
      ];
    });
  const nothing = [undefined, '', ''];

  beforeEach(() => {
    node = document.createElement('div');
    folder = 'work';
    badges = new FileBadges(trans);
    badges.add({ node, folder: () => folder });
  });

  afterEach(() => badges.dispose());

  it('marks the notebooks of this folder, in shape and words', () => {
    ['a.ipynb', 'b.ipynb', 'c.ipynb', 'd.ipynb'].forEach(row);
    const stale_since = '2026-03-01T09:40:00Z';
    badges.show([
      job('work/a.ipynb'),
      job('work/a.ipynb', { state: 'queued' }),
      job('work/b.ipynb', { state: 'held' }),
      job('work/c.ipynb', { stale_since }),
      job('work/d.ipynb', { state: 'succeeded' }),
      job('d.ipynb')
    ]);
    const words = ['Compute: 1 job runs, 1 job waits', 'Compute: 1 job waits'];
    expect(seen()).toEqual([
      ['running', words[0], words[0]],
      ['waiting', words[1], words[1]],
      ['stale', 'Compute: 1 job without word', 'Compute: 1 job without word'],
      nothing
    ]);
  });

  it('follows the list when it is drawn anew for another folder', async () => {
    const item = row('a.ipynb');
    badges.show([job('work/a.ipynb'), job('other/b.ipynb')]);
    expect(seen()[0][0]).toBe('running');
    folder = 'other';
    (item.querySelector('.jp-DirListing-itemText span') as HTMLElement).textContent = 'x.ipynb';
    row('b.ipynb');
    await Promise.resolve();
    expect(seen().map(([state]) => state)).toEqual([undefined, 'running']);
  });

  it('marks nothing of a drive that is not the server’s', () => {
    row('a.ipynb');
    folder = null;
    badges.show([job('a.ipynb')]);
    expect(seen()).toEqual([nothing]);
  });

  it('takes its marks away, and looks no more, when nothing is active', async () => {
    row('a.ipynb');
    badges.show([job('work/a.ipynb')]);
    badges.show([job('work/a.ipynb', { state: 'succeeded' })]);
    expect(seen()).toEqual([nothing]);
    badges.show([job('work/b.ipynb')]);
    badges.dispose();
    row('b.ipynb');
    await Promise.resolve();
    expect(seen()).toEqual([nothing, nothing]);
  });
});
