import type { ILabShell } from '@jupyterlab/application';
import type { MainAreaWidget } from '@jupyterlab/apputils';
import { Dialog } from '@jupyterlab/apputils';
import { RenderMimeRegistry } from '@jupyterlab/rendermime';
import { acceptDialog, framePromise } from '@jupyterlab/testing';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';

import type { Job } from '../../api/types';
import { detailsPlugin } from '../../plugins/details';
import { CommandIDs } from '../../plugins/ids';
import { anApp } from '../../testing/app';
import { aJob, anId, aProfile } from '../../testing/builders';
import { openedDialog } from '../../testing/dialog';
import type { IJobs, IProfiles } from '../../tokens';

describe('opening a job', () => {
  const job = aJob({ id: anId('job'), name: 'train', state: 'succeeded' });
  let added: MainAreaWidget[];
  let activated: string[];
  let users: number;
  let changed: Signal<unknown, void>;
  let app: ReturnType<typeof anApp>;
  const get = jest.fn();
  const retry = jest.fn();

  const open = (args = {}) => app.commands.execute(CommandIDs.openJob, { id: job.id, ...args });

  beforeEach(() => {
    added = [];
    activated = [];
    users = 0;
    get.mockReset().mockResolvedValue(job);
    app = anApp();
    const shell: Partial<ILabShell> = {
      add: widget => {
        added.push(widget as MainAreaWidget);
        Widget.attach(widget, document.body);
      },
      activateById: id => void activated.push(id)
    };
    Object.assign(app, { shell });
    const jobs = {
      snapshot: { jobs: [], clusters: [] },
      find: () => undefined,
      get,
      retry,
      fileUrl: (_: string, path: string) => path,
      use: () => {
        users++;
        return { isDisposed: false, dispose: () => users-- };
      },
      outputs: async () => ({ attempt: 1, events: [], next: 0, more: false, ended: true }),
      files: async () => ({ files: [], truncated: false })
    };
    changed = new Signal(jobs);
    Object.assign(jobs, { changed });
    const rendermime = new RenderMimeRegistry();
    const roomy = aProfile({ resources: { memory_mb: { max: 16_384 } } });
    const profiles = {
      snapshot: { profiles: [roomy], loaded: true },
      changed: new Signal({}),
      load: jest.fn()
    };
    void detailsPlugin.activate(
      app,
      jobs as unknown as IJobs,
      profiles as unknown as IProfiles,
      rendermime,
      null,
      null
    );
  });

  afterEach(() => {
    added.forEach(widget => widget.dispose());
    Dialog.flush();
  });

  it('opens one tab, however often it is clicked', async () => {
    await Promise.all([open(), open()]);
    await open();
    expect(added.map(({ title }) => title.label)).toEqual(['train']);
    expect(activated).toHaveLength(3);
    expect(get).toHaveBeenCalledTimes(1);
  });

  it('restores a tab whole, though no list has come yet and the next one does not name the job', async () => {
    let answer: (job: Job) => void = () => undefined;
    get.mockReturnValue(new Promise(resolve => (answer = resolve)));
    const restored = open({ quiet: true });
    const clicked = open();
    changed.emit();
    answer(job);
    await Promise.all([restored, clicked]);
    changed.emit();
    expect(added).toHaveLength(1);
    const [{ node }] = added;
    // React draws when it likes, from top to bottom.
    while (!node.querySelector('[role="tab"]')) {
      await framePromise();
    }
    expect(node.querySelector('h2')?.textContent).toBe('train');
  });

  it('keeps the job current for as long as the tab is open', async () => {
    await open();
    expect(users).toBe(1);
    added[0].dispose();
    expect(users).toBe(0);
    await open();
    expect(added).toHaveLength(2);
  });

  it('runs a job again once for one click, with what was asked for, and opens the new one', async () => {
    const reason = { code: 'out_of_memory', text: 'Killed.' };
    const failed = { ...job, state: 'failed' as const, reason, can: ['retry' as const] };
    get.mockResolvedValueOnce(failed).mockResolvedValue({ ...job, name: 'again' });
    let answer: (job: Job) => void = () => undefined;
    retry.mockReturnValue(new Promise(resolve => (answer = resolve)));
    await open();
    const cure = async () => {
      let button: HTMLButtonElement | null = null;
      while (!button) {
        await framePromise();
        button = added[0].node.querySelector('.jp-Compute-callout button[data-primary]');
      }
      return button;
    };
    (await cure()).click();
    (await cure()).click();
    expect(retry.mock.calls).toEqual([[job.id, { resources: { memory_mb: 8192 } }]]);
    answer(aJob({ id: anId('again') }));
    while (added.length < 2) {
      await framePromise();
    }
    expect(added[1].title.label).toBe('again');
  });

  it('says why a job cannot be opened, but not when the page restores its tabs', async () => {
    get.mockRejectedValue(new Error('There is no such job.'));
    await open({ quiet: true });
    expect(document.querySelector('.jp-Dialog')).toBeNull();
    const opened = open();
    expect((await openedDialog()).textContent).toContain('There is no such job.');
    await acceptDialog();
    await opened;
    expect(added).toEqual([]);
  });
});
