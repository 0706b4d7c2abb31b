import { Dialog } from '@jupyterlab/apputils';
import type { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { Contents } from '@jupyterlab/services';
import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import { acceptDialog, dismissDialog } from '@jupyterlab/testing';
import { nullTranslator } from '@jupyterlab/translation';
import { parser } from '@lezer/python';

import { ComputeError } from '../../api/errors';
import type { NewJob } from '../../api/types';
import { Sender } from '../../plugins/send';
import { aJob, aProfile } from '../../testing/builders';
import { openedDialog } from '../../testing/dialog';
import type { IJobs, IProfiles } from '../../tokens';
import { aCell, closeNotebook, openNotebook } from '../notebook/notebooks';

const languages = {
  findByMIME: () => ({ name: 'python' }),
  getLanguage: async () => ({ support: { language: { parser } } })
} as unknown as IEditorLanguageRegistry;

const contents = {
  driveName: (path: string) => (path.includes(':') ? path.split(':')[0] : ''),
  localPath: (path: string) => path.replace(/^\w+:/, ''),
  // As JupyterLab's own: without being asked for it, it gives no content.
  get: async (_: string, { content = false }) => ({
    content: content ? { cells: [], metadata: {} } : null
  })
} as unknown as Contents.IManager;

describe('Sender', () => {
  let panel: NotebookPanel;
  let kept: Record<string, unknown>;
  const submit = jest.fn();
  const fillIn = jest.fn();
  const jobs = { submit, get: async () => aJob(), file: jest.fn() };

  const sender = (settings: Record<string, unknown> = {}, known = true) => {
    kept = { before: 'needed', ask_before: true, ...settings };
    const local = aProfile();
    return new Sender({
      jobs: jobs as unknown as IJobs,
      profiles: {
        load: async () => undefined,
        snapshot: { current: local, error: null },
        find: (name: string) => (name === 'local' ? local : undefined)
      } as unknown as IProfiles,
      contents,
      languages: known ? languages : null,
      settings: Promise.resolve({
        get: (name: string) => ({ composite: kept[name] }),
        set: async (name: string, value: unknown) => void (kept[name] = value)
      } as unknown as ISettingRegistry.ISettings),
      trans: nullTranslator.load('test'),
      panelAt: path => (path === 'a.ipynb' ? panel : null),
      fillIn
    });
  };
  const sent = () => submit.mock.calls[0]?.[0] as NewJob | undefined;
  const choose = (index: number) => {
    panel.content.activeCellIndex = index;
  };

  beforeEach(async () => {
    submit.mockReset().mockResolvedValue(aJob());
    fillIn.mockReset().mockResolvedValue(null);
    jobs.file.mockReset().mockRejectedValue(new Error('Gone.'));
    panel = await openNotebook([
      aCell('imports', 'import math'),
      aCell('noise', 'print("never mind")'),
      aCell('use', 'math.pi')
    ]);
  });

  afterEach(() => {
    Dialog.flush();
    closeNotebook(panel);
  });

  it('sends the whole notebook as it stands', async () => {
    await sender().notebook(panel, {});
    expect(sent()).toMatchObject({
      profile: 'local',
      source: { kind: 'notebook', path: 'a.ipynb' }
    });
    expect(sent()?.source.content?.cells).toHaveLength(3);
  });

  it('asks nothing when the cells need nothing', async () => {
    choose(0);
    await sender().cells(panel, {});
    expect(sent()).toMatchObject({ before: 'nothing', source: { cell_ids: ['imports'] } });
  });

  it('shows the needed cells before it sends them along', async () => {
    choose(2);
    const done = sender().cells(panel, {});
    expect((await openedDialog()).textContent).toContain('import math');
    expect(submit).not.toHaveBeenCalled();
    await acceptDialog();
    await done;
    expect(sent()).toMatchObject({ before: 'needed', before_cell_ids: ['imports'] });
    expect(kept.ask_before).toBe(true);
  });

  it('goes on to the form with what was said', async () => {
    choose(2);
    const done = sender().cells(panel, {});
    const dialog = await openedDialog();
    const more = [...dialog.querySelectorAll('button')].find(
      ({ textContent }) => textContent === 'Options…'
    );
    more?.click();
    await done;
    expect(submit).not.toHaveBeenCalled();
    expect(fillIn.mock.calls[0][1].said).toEqual({
      before: 'needed',
      before_cell_ids: ['imports']
    });
  });

  it('sends nothing when one goes back', async () => {
    choose(2);
    const done = sender().cells(panel, {});
    await dismissDialog();
    expect(await done).toBeNull();
    expect(submit).not.toHaveBeenCalled();
  });

  it('does not ask again when told so, except when wanted', async () => {
    choose(2);
    await sender({ ask_before: false }).cells(panel, {});
    expect(sent()?.before_cell_ids).toEqual(['imports']);
    expect(await sender({ ask_before: false }).cells(panel, { ask: true })).toBeNull();
    expect(fillIn).toHaveBeenCalledTimes(1);
    expect(submit).toHaveBeenCalledTimes(1);
  });

  it('remembers the answer', async () => {
    choose(2);
    const done = sender().cells(panel, {});
    const dialog = await openedDialog();
    dialog.querySelector<HTMLInputElement>('.jp-Compute-remember input')?.click();
    await acceptDialog();
    await done;
    expect(kept.ask_before).toBe(false);
  });

  it('takes all cells above where nobody can tell which are needed', async () => {
    choose(2);
    await sender({}, false).cells(panel, {});
    expect(sent()?.before).toBe('above');
    expect(sent()?.before_cell_ids).toBeUndefined();
  });

  it('shows the form first where that is wanted', async () => {
    choose(2);
    const one = sender({ before: 'above' });
    await one.cells(panel, { ask: true });
    await one.notebook(panel, { ask: true });
    expect(submit).not.toHaveBeenCalled();
    const [[cells, first], [whole, second]] = fillIn.mock.calls;
    expect(cells).toMatchObject({ path: 'a.ipynb', chosen: ['use'] });
    expect(first).toMatchObject({ title: 'Run 1 cell of a.ipynb', before: 'above' });
    expect(whole).toMatchObject({ chosen: null, source: expect.any(Function) });
    expect(second).toMatchObject({ title: 'Run a.ipynb', profile: { name: 'local' } });
  });

  it('shows the form when a value is missing or wrong, at that value', async () => {
    const problem = new ComputeError('There is no kernel “r” here.', {
      code: 'invalid',
      status: 422,
      pointer: '/kernel'
    });
    submit.mockRejectedValue(problem);
    await sender().notebook(panel, {});
    expect(fillIn.mock.calls[0][1]).toMatchObject({ problem });
    submit.mockRejectedValue(
      new ComputeError('Gone.', { code: 'invalid', status: 422, pointer: '/source/path' })
    );
    const done = sender().notebook(panel, {});
    await acceptDialog();
    await done;
    expect(fillIn).toHaveBeenCalledTimes(1);
  });

  it('reads a saved notebook for the form', async () => {
    await sender().file('deep/a.ipynb', { ask: true });
    const [subject] = fillIn.mock.calls[0];
    expect(subject).toMatchObject({ path: 'deep/a.ipynb', cells: [] });
    expect(subject.source()).toEqual({ kind: 'notebook', path: 'deep/a.ipynb' });
  });

  it('fills the form with what an earlier job was asked for', async () => {
    const asked = { key: 'k', profile: 'local', source: {}, lands_at: '{name}.ipynb' };
    jobs.file.mockResolvedValue(JSON.stringify(asked));
    await sender().again({ id: aJob().id });
    const [subject, { title, request }] = fillIn.mock.calls[0];
    expect(subject.path).toBe('analysis.ipynb');
    expect(title).toBe('Run “analysis.ipynb” again');
    expect(request).toMatchObject({
      lands_at: '{name}.ipynb',
      resources: { cores: 2, memory_mb: 4096 }
    });
    expect(request).not.toHaveProperty('key');
  });

  it('takes the kernel of the session when the notebook names none', async () => {
    await sender().notebook(panel, {});
    const { kernelspec } = panel.context.model.sharedModel.metadata;
    const running = panel.sessionContext.session?.kernel?.name;
    expect(sent()?.kernel).toBe(kernelspec ? undefined : running);
  });

  it('sends a saved file by its path alone', async () => {
    await sender().file('deep/a.ipynb', {});
    expect(sent()?.source).toEqual({ kind: 'notebook', path: 'deep/a.ipynb' });
  });

  it('does not take a file of another drive for one of this server', async () => {
    const done = sender().file('cloud:deep/a.ipynb', {});
    expect((await openedDialog()).textContent).toContain('does not lie on this server');
    await acceptDialog();
    expect(await done).toBeNull();
    expect(submit).not.toHaveBeenCalled();
  });

  it('sends the same once while it is on its way, and other cells all the same', async () => {
    const one = sender();
    await Promise.all([one.notebook(panel, {}), one.notebook(panel, {})]);
    expect(submit).toHaveBeenCalledTimes(1);
    choose(0);
    const first = one.cells(panel, {});
    const again = one.cells(panel, {});
    choose(1);
    await Promise.all([first, again, one.cells(panel, {})]);
    expect(submit).toHaveBeenCalledTimes(3);
    await one.notebook(panel, {});
    expect(submit).toHaveBeenCalledTimes(4);
  });

  it('tells why nothing was sent', async () => {
    submit.mockRejectedValue(new Error('The disk is full.'));
    const done = sender().notebook(panel, {});
    expect((await openedDialog()).textContent).toContain('The disk is full.');
    await acceptDialog();
    expect(await done).toBeNull();
  });

  it('does not send to another place than the one that was named', async () => {
    const done = sender().notebook(panel, { profile: 'gone' });
    await acceptDialog();
    expect(await done).toBeNull();
    expect(submit).not.toHaveBeenCalled();
  });
});
