import type { ILabShell, IRouter } from '@jupyterlab/application';
import { Clipboard, Dialog, Notification } from '@jupyterlab/apputils';
import { acceptDialog } from '@jupyterlab/testing';
import { PromiseDelegate } from '@lumino/coreutils';
import { Signal } from '@lumino/signaling';

import { ComputeError } from '../../api/errors';
import { CommandIDs } from '../../plugins/ids';
import { linksPlugin } from '../../plugins/links';
import type { FakeApp } from '../../testing/app';
import { anApp } from '../../testing/app';
import { anId } from '../../testing/builders';
import { openedDialog } from '../../testing/dialog';
import type { IJobs } from '../../tokens';

describe('links to jobs', () => {
  const id = anId('linked');
  let app: FakeApp;
  let opened: string[];
  let navigated: string[];
  let request: string;
  let pattern: RegExp;
  let restored: PromiseDelegate<void>;
  let shown: Signal<object, { newValue: { id: string } | null }>;
  const get = jest.fn();

  const settle = async () => {
    for (let turn = 0; turn < 10; turn++) {
      await Promise.resolve();
    }
  };
  const follow = async (address: string) => {
    request = address;
    await app.commands.execute(CommandIDs.followLink, { request });
    restored.resolve();
    await settle();
  };

  beforeEach(() => {
    get.mockReset().mockResolvedValue({ id });
    opened = [];
    navigated = [];
    request = '/lab';
    restored = new PromiseDelegate();
    app = anApp();
    Object.assign(app, {
      restored: restored.promise,
      serviceManager: { serverSettings: { baseUrl: 'https://hub/user/ada/' } }
    });
    app.commands.addCommand(CommandIDs.openJob, {
      describedBy: { args: null },
      execute: args => void opened.push(String(args.id))
    });
    const router = {
      get current() {
        return { request, search: request.replace(/^[^?]*|#.*/g, '') };
      },
      register: (rule: { pattern: RegExp }) => {
        pattern = rule.pattern;
      },
      navigate: (path: string) => {
        request = path;
        navigated.push(path);
      }
    };
    shown = new Signal({});
    const shell = { currentChanged: shown };
    void linksPlugin.activate(
      app,
      { get } as unknown as IJobs,
      router as unknown as IRouter,
      shell as unknown as ILabShell,
      null
    );
  });

  afterEach(() => {
    Dialog.flush();
    Notification.dismiss();
  });

  it.each([
    `/lab?compute-job=${id}`,
    `/lab/tree/a.ipynb?compute-job=${id}&reset`,
    `/lab/workspaces/x?reset&compute-job=${id}#top`
  ])('opens the job that the address names, after the tabs that come back: %s', async address => {
    expect(pattern.test(address)).toBe(true);
    await app.commands.execute(CommandIDs.followLink, { request: address });
    await settle();
    expect(opened).toEqual([]);
    restored.resolve();
    await settle();
    expect(opened).toEqual([id]);
  });

  it.each(['/lab', '/lab?compute-job=', '/lab?compute-job=../../x', '/lab?compute-job=short'])(
    'takes nothing else for a link: %s',
    address => {
      expect(pattern.test(address)).toBe(false);
    }
  );

  it('says that the job is gone, and forgets the address', async () => {
    get.mockRejectedValue(new ComputeError('x', { code: 'no_such_job', status: 404 }));
    await follow(`/lab?reset=&compute-job=${id}`);
    expect((await openedDialog()).textContent).toMatch(/does not have: it was deleted, or/);
    expect([opened, navigated]).toEqual([[], ['/lab?reset=']]);
    await acceptDialog();
  });

  it('keeps the address when the server does not answer: the next reload may find it', async () => {
    get.mockRejectedValue(new ComputeError('x', { code: 'offline' }));
    await follow(`/lab?compute-job=${id}`);
    expect((await openedDialog()).textContent).toContain('The server does not answer.');
    expect(navigated).toEqual([]);
    await acceptDialog();
  });

  it("keeps the address of the page on the screen: a job's, or none", async () => {
    restored.resolve();
    await settle();
    request = '/lab/tree/a.ipynb?reset=';
    shown.emit({ newValue: { id: `jupyterlab-compute-job-${id}` } });
    shown.emit({ newValue: { id: `jupyterlab-compute-job-${id}` } });
    shown.emit({ newValue: { id: 'launcher' } });
    shown.emit({ newValue: null });
    expect(navigated).toEqual([
      `/lab/tree/a.ipynb?reset=&compute-job=${id}`,
      '/lab/tree/a.ipynb?reset='
    ]);
  });

  it('copies the address of the row or the tab that was right-clicked', () => {
    const copied = jest.spyOn(Clipboard, 'copyToSystem').mockImplementation();
    const hit = (data: Record<string, string>, className = '') => {
      const node = document.createElement('div');
      node.className = className;
      Object.assign(node.dataset, data);
      Object.assign(app, {
        contextMenuHitTest: (test: (node: HTMLElement) => boolean) =>
          test(node) ? node : undefined
      });
    };
    hit({ id: 'launcher' });
    expect(app.commands.isVisible(CommandIDs.copyLink)).toBe(false);
    hit({ id }, 'jp-Compute-jobRow');
    void app.commands.execute(CommandIDs.copyLink);
    hit({ id: `jupyterlab-compute-job-${id}` });
    expect(app.commands.isVisible(CommandIDs.copyLink)).toBe(true);
    void app.commands.execute(CommandIDs.copyLink);
    void app.commands.execute(CommandIDs.copyLink, { id: anId('other') });
    expect(copied.mock.calls.flat()).toEqual([
      `https://hub/user/ada/lab?compute-job=${id}`,
      `https://hub/user/ada/lab?compute-job=${id}`,
      `https://hub/user/ada/lab?compute-job=${anId('other')}`
    ]);
    copied.mockRestore();
  });
});
