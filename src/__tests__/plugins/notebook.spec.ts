import type { IToolbarWidgetRegistry } from '@jupyterlab/apputils';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';
import { act } from 'react';

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
    const profiles = {
      snapshot: { current: aProfile(), profiles: [aProfile()] },
      load: async () => undefined
    };
    Object.assign(profiles, { changed: new Signal(profiles) });
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
    expect(run).toEqual([[CommandIDs.runCells, { panel: 'one', ask: false }]]);
    click(main(), { shiftKey: true });
    expect(run[1]).toEqual([CommandIDs.runCells, { panel: 'one', ask: true }]);
  });

  it('runs what was chosen from its menu last, and says so', async () => {
    await execute(CommandIDs.runNotebook, { panel: 'one' });
    expect(main().textContent).toBe('Run notebook on This machine');
    expect(main().title).toContain('whole notebook');
    click(main());
    expect(run[1]).toEqual([CommandIDs.runNotebook, { panel: 'one', ask: false }]);
    await execute(CommandIDs.runCells, { panel: 'one', ask: true });
    expect(main().textContent).toBe('Run on This machine');
    expect(main().title).toContain('selected cells');
  });

  it('keeps its choice when something is run by a shortcut or from the panel', async () => {
    await execute(CommandIDs.runNotebook);
    expect(main().textContent).toBe('Run on This machine');
  });
});
