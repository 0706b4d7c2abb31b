import type { NotebookPanel } from '@jupyterlab/notebook';
import type { Contents } from '@jupyterlab/services';
import { nullTranslator } from '@jupyterlab/translation';

import type { Job } from '../../api/types';
import { Again } from '../../plugins/again';
import { aJob } from '../../testing/builders';
import { aCell, aNotebook, closeNotebook, openNotebook } from '../notebook/notebooks';

const cellsJob: Partial<Job> = {
  source: {
    kind: 'cells',
    path: 'a.ipynb',
    cells: [
      { id: 'base', role: 'before', source_sha256: '' },
      { id: 'use', role: 'selected', source_sha256: '' }
    ]
  },
  before: 'needed'
};

describe('an earlier job', () => {
  let saved: unknown;
  let folder: Record<string, unknown>;
  let panel: NotebookPanel | null;

  const again = (job: Partial<Job> = {}) =>
    new Again({
      contents: {
        driveName: () => '',
        localPath: (path: string) => path,
        // As JupyterLab's own: without being asked for it, it gives no content.
        get: async (_: string, { content = false }) => {
          if (saved === null) {
            throw new Error('Gone.');
          }
          return { content: content ? saved : null };
        }
      } as unknown as Contents.IManager,
      jobs: {
        file: async (_, name) => {
          if (!(name in folder)) {
            throw new Error('Gone.');
          }
          return JSON.stringify(folder[name]);
        }
      },
      trans: nullTranslator.load('test'),
      panelAt: () => panel
    }).of(aJob(job));

  beforeEach(() => {
    panel = null;
    saved = aNotebook([aCell('base', 'x = 1'), aCell('use', 'x')]);
    folder = {};
  });

  afterEach(() => panel && closeNotebook(panel));

  it('is asked for as it was, without what made it that job', async () => {
    folder['request.json'] = {
      key: 'k',
      profile: 'p',
      source: {},
      retries: { times: 2 },
      native: { qos: 'high' }
    };
    const { request } = await again({ parameters: { a: 1 } });
    expect(request).toEqual({
      retries: { times: 2 },
      native: { qos: 'high' },
      before: 'nothing',
      parameters: { a: 1 },
      resources: aJob().resources
    });
  });

  it('is asked for as far as it tells itself, where its folder is gone', async () => {
    expect((await again({ kernel: 'ir', queue: 'long' })).request).toMatchObject({
      kernel: 'ir',
      queue: 'long',
      resources: aJob().resources
    });
  });

  it('runs the notebook as it is in the editor', async () => {
    panel = await openNotebook([aCell('base', 'x = 2'), aCell('use', 'x + 1')]);
    const { subject, note } = await again(cellsJob);
    expect(subject.chosen).toEqual(['use']);
    expect(subject.cells.map(({ source }) => source)).toEqual(['x = 2', 'x + 1']);
    expect(note).toBeUndefined();
  });

  it('runs the notebook as it was saved, which the server reads', async () => {
    const { subject } = await again({ source: { kind: 'notebook', path: 'a.ipynb', cells: [] } });
    expect(subject.source()).toEqual({ kind: 'notebook', path: 'a.ipynb' });
    expect(subject.cells).toHaveLength(2);
  });

  it('runs what it was then, when the notebook is gone', async () => {
    saved = null;
    folder['input.ipynb'] = aNotebook([aCell('use', '1')]);
    const { subject, note } = await again(cellsJob);
    expect(note).toContain('no longer there');
    expect(subject.source()).toMatchObject({
      cell_ids: ['use'],
      content: { cells: [{ id: 'use' }] }
    });
  });

  it('runs what it was then, when its cells are gone', async () => {
    saved = aNotebook([aCell('other', '1')]);
    folder['input.ipynb'] = aNotebook([aCell('use', '1')]);
    const { subject, note } = await again(cellsJob);
    expect(note).toContain('no longer in the notebook');
    expect(subject.cells.map(({ id }) => id)).toEqual(['use']);
  });

  it('cannot be run when neither is there', async () => {
    saved = null;
    await expect(again()).rejects.toThrow('Gone.');
  });
});
