import type { IToolbarWidgetRegistry } from '@jupyterlab/apputils';
import { DisposableDelegate } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';
import { act } from 'react';

import type { Profile } from '../../api/types';
import { CommandIDs } from '../../plugins/ids';
import { notebookPlugin } from '../../plugins/notebook';
import { anApp } from '../../testing/app';
import { aProfile } from '../../testing/builders';
import { click } from '../../testing/react';
import type { IProfiles } from '../../tokens';

describe("the button in a notebook's toolbar", () => {
  let app: ReturnType<typeof anApp>;
  let button: Widget;
  let run: [command: string, args: unknown][];
  let profiles: { snapshot: { current: Profile; profiles: Profile[] }; load(): Promise<void> };
  let changed: Signal<unknown, void>;
  let offered: string[];

  const main = () => button.node.querySelector('button') as HTMLButtonElement;
  const execute = (command: string, args = {}) =>
    act(async () => void (await app.commands.execute(command, args)));

  beforeEach(() => {
    run = [];
    app = anApp();
    for (const command of [CommandIDs.runCells, CommandIDs.runNotebook]) {
      app.commands.addCommand(command, {
        describedBy: { args: null },
        execute: args => void run.push([command, args])
      });
    }
    profiles = {
      snapshot: { current: aProfile(), profiles: [aProfile()] },
      load: async () => undefined
    };
    changed = new Signal(profiles);
    Object.assign(profiles, { changed });
    offered = [];
    const addItem = (item: { args: { name: string } }) => {
      offered.push(item.args.name);
      return new DisposableDelegate(() => offered.splice(offered.indexOf(item.args.name), 1));
    };
    Object.assign(app, { contextMenu: { addItem } });
    const toolbars: Partial<IToolbarWidgetRegistry> = {
      addFactory: (_, __, make) => {
        const disposed = new Signal({});
        const panel = { id: 'one', revealed: Promise.resolve(), disposed };
        button = (make as unknown as (panel: unknown) => Widget)(panel);
        return undefined;
      }
    };
    void notebookPlugin.activate(
      app,
      profiles as unknown as IProfiles,
      toolbars as IToolbarWidgetRegistry,
      null
    );
    act(() => Widget.attach(button, document.body));
  });

  afterEach(() => act(() => button.dispose()));

  it('runs the selected cells of its notebook, once for a double click', () => {
    expect(main().textContent).toBe('Run on This machine');
    click(main(), { detail: 1 });
    click(main(), { detail: 2 });
    expect(run).toEqual([[CommandIDs.runCells, { panel: 'one', button: true, ask: false }]]);
    click(main(), { shiftKey: true });
    expect(run[1]).toEqual([CommandIDs.runCells, { panel: 'one', button: true, ask: true }]);
  });

  it('runs what was chosen from its menu last, and says so', async () => {
    await execute(CommandIDs.runNotebook, { button: true });
    expect(main().textContent).toBe('Run notebook on This machine');
    expect(main().title).toContain('whole notebook');
    click(main());
    expect(run[1]).toEqual([CommandIDs.runNotebook, { panel: 'one', button: true, ask: false }]);
    await execute(CommandIDs.runCells, { button: true, ask: true });
    expect(main().textContent).toBe('Run on This machine');
    expect(main().title).toContain('selected cells');
  });

  it('keeps its choice when something is run by a shortcut or from the panel', async () => {
    await execute(CommandIDs.runNotebook);
    expect(main().textContent).toBe('Run on This machine');
  });

  it('offers the profiles there are now in its menu, each once', () => {
    const set = (...names: string[]) => {
      const all = names.map(name => aProfile({ name }));
      profiles.snapshot = { current: all[0], profiles: all };
      act(() => changed.emit());
    };
    set('here', 'there');
    expect(offered).toEqual(['here', 'there']);
    act(() => changed.emit());
    expect(offered).toEqual(['here', 'there']);
    set('there', 'far');
    expect(offered).toEqual(['there', 'far']);
  });

  it('opens its menu where a context menu would', async () => {
    const asked: Event[] = [];
    button.node.addEventListener('contextmenu', event => void asked.push(event));
    const [, caret] = button.node.querySelectorAll('button');
    click(caret);
    await act(async () => undefined);
    expect(asked.map(({ target }) => (target as Element).className)).toEqual(['jp-Compute-split']);
  });
});
