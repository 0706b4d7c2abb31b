import { Notification as Toasts } from '@jupyterlab/apputils';
import { Signal } from '@lumino/signaling';

import type { Job } from '../../api/types';
import { notificationsPlugin } from '../../plugins/notifications';
import type { FakeApp } from '../../testing/app';
import { anApp } from '../../testing/app';
import { FakeBridge } from '../../testing/bridge';
import { aJob, anId } from '../../testing/builders';
import type { IJobs } from '../../tokens';

/** The browser's own. */
class FakeNotification {
  static permission: NotificationPermission = 'granted';
  static answer: NotificationPermission = 'granted';
  static asked = 0;
  static shown: FakeNotification[] = [];
  static requestPermission = async () => {
    FakeNotification.asked++;
    return (FakeNotification.permission = FakeNotification.answer);
  };
  onclick: (() => void) | null = null;
  isClosed = false;

  constructor(
    readonly title: string,
    readonly options: NotificationOptions
  ) {
    FakeNotification.shown.push(this);
  }

  close(): void {
    this.isClosed = true;
  }
}

describe('messages while JupyterLab is not in view', () => {
  let isHidden: boolean;
  let ended: Signal<IJobs, Job>;
  let app: FakeApp;
  let bridge: FakeBridge;
  let browser: string;
  let changed: Signal<object, unknown>;
  let opened: string[];

  beforeEach(() => {
    isHidden = true;
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => isHidden });
    FakeNotification.permission = 'granted';
    FakeNotification.answer = 'granted';
    FakeNotification.asked = 0;
    FakeNotification.shown = [];
    globalThis.Notification = FakeNotification as never;
    window.focus = jest.fn();
  });

  afterEach(() => {
    Toasts.dismiss();
    delete (globalThis as { Notification?: unknown }).Notification;
    delete (document as { hidden?: boolean }).hidden;
  });

  const activate = async (wish = 'all') => {
    browser = wish;
    opened = [];
    ended = new Signal({} as IJobs);
    app = anApp();
    bridge = new FakeBridge();
    Object.assign(app, {
      serviceManager: { serverSettings: bridge.settings }
    });
    app.commands.addCommand('compute:open-job', {
      describedBy: { args: null },
      execute: ({ id }) => void opened.push(String(id))
    });
    const settings = {
      get: () => ({ composite: browser }),
      set: async (_: string, value: string) => {
        browser = value;
      }
    } as Record<string, unknown>;
    changed = new Signal(settings);
    settings.changed = changed;
    void notificationsPlugin.activate(
      app,
      { ended, snapshot: { clusters: [] } } as unknown as IJobs,
      { load: async () => settings } as never,
      null,
      null
    );
    await settle();
  };
  const settle = async () => {
    await import('../../plugins/unseen');
    for (let turn = 0; turn < 20; turn++) {
      await new Promise(process.nextTick);
    }
  };
  const end = async (job: Partial<Job>) => {
    ended.emit(aJob({ state: 'succeeded', ...job }));
    await settle();
  };
  const toasts = () => Toasts.manager.notifications.map(({ message }) => message);
  const press = async (label: string) => {
    const [{ options }] = Toasts.manager.notifications;
    options.actions?.find(action => action.label === label)?.callback(new MouseEvent('click'));
    await settle();
  };

  it('shows the end of a job while the page is hidden, and a click leads to it', async () => {
    await activate();
    await end({ id: anId('done'), name: 'a.ipynb' });
    const [shown] = FakeNotification.shown;
    expect([shown.title, shown.options.body]).toEqual(['a.ipynb', 'Done · This machine']);
    shown.onclick?.();
    await settle();
    expect(opened).toEqual([anId('done')]);
    expect(window.focus).toHaveBeenCalled();
    expect(shown.isClosed).toBe(true);
  });

  it('shows one for each job, however many pages are open', async () => {
    await activate();
    await end({ id: anId('one') });
    await end({ id: anId('two') });
    const tags = FakeNotification.shown.map(({ options }) => options.tag);
    expect(tags).toEqual([
      `jupyterlab-compute-${anId('one')}`,
      `jupyterlab-compute-${anId('two')}`
    ]);
  });

  it('is silent while the page is in view, and about what one cancelled oneself', async () => {
    await activate();
    isHidden = false;
    await end({});
    isHidden = true;
    await end({ state: 'cancelled', cancel_requested_at: '2026-03-01T09:00:00Z' });
    expect(FakeNotification.shown).toEqual([]);
  });

  it('comes as often as the user wants', async () => {
    await activate('failures');
    await end({ state: 'succeeded' });
    expect(FakeNotification.shown).toEqual([]);
    await end({ state: 'failed' });
    expect(FakeNotification.shown).toHaveLength(1);
    await activate('none');
    await end({ state: 'failed' });
    expect(FakeNotification.shown).toHaveLength(1);
  });

  it('asks the browser at a click only, and once', async () => {
    FakeNotification.permission = 'default';
    await activate('ask');
    await end({ name: 'a.ipynb' });
    await end({ name: 'b.ipynb' });
    expect(FakeNotification.asked).toBe(0);
    expect(toasts()).toEqual(['“a.ipynb” ended while JupyterLab was hidden. Be told next time?']);
    await press('Notify me');
    expect(FakeNotification.asked).toBe(1);
    expect(browser).toBe('all');
    await end({ name: 'c.ipynb' });
    expect(FakeNotification.shown.map(({ title }) => title)).toEqual(['c.ipynb']);
  });

  it('says when the browser refuses, and then leaves it', async () => {
    FakeNotification.permission = 'default';
    FakeNotification.answer = 'denied';
    await activate('ask');
    await end({});
    await press('Notify me');
    expect(browser).toBe('ask');
    expect(toasts()[0]).toMatch(/does not allow it/);
    await end({});
    expect(toasts()).toHaveLength(2);
    expect(FakeNotification.shown).toEqual([]);
  });

  it('keeps a no', async () => {
    await activate('ask');
    await end({});
    await press('No, thanks');
    expect(browser).toBe('none');
    expect(FakeNotification.asked).toBe(0);
  });

  it('offers to ask the browser when the settings want what it has not allowed', async () => {
    FakeNotification.permission = 'default';
    await activate('none');
    browser = 'failures';
    changed.emit(null);
    await settle();
    await press('Notify me');
    expect(FakeNotification.asked).toBe(1);
    expect(browser).toBe('failures');
  });

  it('does without where the browser has none', async () => {
    delete (globalThis as { Notification?: unknown }).Notification;
    await activate('all');
    await end({});
    expect(toasts()).toEqual([]);
  });

  it('sends a trial by what is set up, and says what is not', async () => {
    await activate();
    const ways = {
      mail: { ok: false, reason: 'No mail address is given in the settings.' },
      webhook: { ok: true, reason: '' }
    };
    bridge.on('GET notify', { json: ways });
    bridge.on('POST notify/trial', { json: { problem: null } });
    await app.commands.execute('compute:try-messages');
    expect(bridge.askedFor('POST notify/trial').map(({ body }) => body)).toEqual([
      { by: 'webhook' }
    ]);
    expect(toasts().sort()).toEqual([
      'Chat message: It was sent.',
      'Mail: No mail address is given in the settings.'
    ]);
  });
});
