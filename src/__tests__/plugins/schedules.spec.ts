import type { MainAreaWidget } from '@jupyterlab/apputils';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';
import { act } from 'react';

import { CommandIDs } from '../../plugins/ids';
import { schedulesPlugin } from '../../plugins/schedules';
import { anApp } from '../../testing/app';
import '../../testing/react';
import type { IJobs, IProfiles } from '../../tokens';

describe('the page of schedules', () => {
  const added: MainAreaWidget[] = [];
  const app = anApp();
  const show = (times = 1) =>
    act(async () => {
      const wishes = Array.from({ length: times }, () => CommandIDs.showSchedules);
      await Promise.all(wishes.map(id => app.commands.execute(id)));
    });

  beforeAll(() => {
    const store = (snapshot: object) => {
      const made = {
        snapshot,
        use: () => ({ dispose: () => undefined }),
        load: async () => undefined
      };
      return Object.assign(made, { changed: new Signal(made), ended: new Signal(made) });
    };
    const shell = {
      add: (widget: MainAreaWidget) => {
        added.push(widget);
        act(() => Widget.attach(widget, document.body));
      },
      activateById: () => undefined
    };
    const serviceManager = { contents: {}, kernelspecs: {}, serverSettings: {} };
    Object.assign(app, { shell, serviceManager });
    const jobs = store({ jobs: [], clusters: [] }) as unknown as IJobs;
    const profiles = store({ profiles: [] }) as unknown as IProfiles;
    const nothing = [null, null, null, null, null, null, null] as const;
    void schedulesPlugin.activate(app, jobs, profiles, ...nothing);
  });

  afterAll(() => act(() => added.forEach(each => each.dispose())));

  it('is one, however often it is asked for, and another once it was closed', async () => {
    await show(2);
    await show();
    expect(added.length).toBe(1);
    act(() => added[0].dispose());
    await show();
    expect(added.length).toBe(2);
  });
});
