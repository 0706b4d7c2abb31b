import { Dialog } from '@jupyterlab/apputils';
import type { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { Contents } from '@jupyterlab/services';
import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import { acceptDialog, dismissDialog } from '@jupyterlab/testing';
import { nullTranslator } from '@jupyterlab/translation';
import { parser } from '@lezer/python';

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
  localPath: (path: string) => path.replace(/^\w+:/, '')
} as unknown as Contents.IManager;

describe('Sender', () => {
  let panel: NotebookPanel;
  let kept: Record<string, unknown>;
  const submit = jest.fn();

  const sender = (settings: Record<string, unknown> = {}, known = true) => {
    kept = { before: 'needed', ask_before: true, ...settings };
    const local = aProfile();
    return new Sender({
      jobs: { submit } as unknown as IJobs,
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
      trans: nullTranslator.load('test')
    });
  };
  const sent = () => submit.mock.calls[0]?.[0] as NewJob | undefined;
  const choose = (index: number) => {
    panel.content.activeCellIndex = index;
  };

  beforeEach(async () => {
    submit.mockReset().mockResolvedValue(aJob());
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
    const done = sender({ ask_before: false }).cells(panel, { ask: true });
    await dismissDialog();
    expect(await done).toBeNull();
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

  it('offers the same where one is asked', async () => {
    choose(2);
    const done = sender({}, false).cells(panel, { ask: true });
    await openedDialog();
    await acceptDialog();
    await done;
    expect(sent()?.before).toBe('above');
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
