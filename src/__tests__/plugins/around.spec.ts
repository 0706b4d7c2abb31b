import type { IStatusBar } from '@jupyterlab/statusbar';
import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';
import type { ReadonlyJSONObject } from '@lumino/coreutils';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';

import plugins from '../..';
import { statusPlugin } from '../../plugins/status';
import { anApp } from '../../testing/app';
import type { IJobs } from '../../tokens';

describe('every plugin', () => {
  /** Whatever a plugin asks of what it was given: a signal, a promise of nothing, a thing that can be called. */
  const anything = (): unknown =>
    new Proxy(() => undefined, {
      get: (_, name) => {
        switch (name) {
          case 'then':
            return undefined;
          case 'snapshot':
            return { jobs: [], profiles: [], clusters: [], counts: {} };
          case 'load':
            return (id: string) =>
              id === 'jupyterlab_compute' ? nullTranslator.load(id) : new Promise(() => undefined);
          case Symbol.iterator:
            return [][Symbol.iterator];
          default:
            return anything();
        }
      },
      apply: () => anything()
    });

  it('describes each argument of its commands, and works where what is optional is missing', () => {
    const commands = new CommandRegistry();
    const app = {
      commands,
      restored: new Promise(() => undefined),
      shell: new Widget(),
      serviceManager: anything(),
      contextMenuHitTest: () => undefined
    };
    Object.assign(app.shell, { add: () => undefined, activateById: () => undefined });
    for (const { activate, requires = [], optional = [] } of plugins) {
      activate(app as never, ...requires.map(anything), ...optional.map(() => null));
    }
    const ids = commands.listCommands();
    expect(ids.length).toBeGreaterThan(15);
    return Promise.all(
      ids.map(async id => {
        const { args } = await commands.describedBy(id);
        const { type, properties } = (args ?? {}) as { type?: string; properties?: object };
        expect([id, type, typeof properties]).toEqual([id, 'object', 'object']);
        for (const [name, schema] of Object.entries(properties as ReadonlyJSONObject)) {
          const { description } = schema as { description?: string };
          expect([id, name, description]).toEqual([id, name, expect.stringMatching(/\w{3}.*\.$/)]);
        }
      })
    );
  });
});

describe('the status item', () => {
  it('is not even made before something is active, and leaves when nothing is', async () => {
    const changed = new Signal<object, void>({});
    const jobs = { snapshot: { counts: {} }, changed, listen: jest.fn() };
    const items: IStatusBar.IItem[] = [];
    const bar = { registerStatusItem: (_: string, item: IStatusBar.IItem) => items.push(item) };
    const app = anApp();
    void statusPlugin.activate(app, jobs as unknown as IJobs, bar as unknown as IStatusBar, null);
    expect(jobs.listen).toHaveBeenCalledTimes(1);
    const say = async (counts: Record<string, number>) => {
      jobs.snapshot = { counts };
      changed.emit();
      await import('../../view/status');
      await new Promise(process.nextTick);
    };
    await say({ succeeded: 2 });
    expect(items).toEqual([]);
    await say({ running: 1 });
    await say({ running: 2 });
    expect(items.map(({ isActive }) => isActive?.())).toEqual([true]);
    await say({ succeeded: 3 });
    expect(items.map(({ isActive }) => isActive?.())).toEqual([false]);
    items.forEach(({ item }) => item.dispose());
  });
});
