import type { JupyterFrontEnd } from '@jupyterlab/application';
import { CommandRegistry } from '@lumino/commands';

/** As much of JupyterLab as a plugin of ours sees. */
export type FakeApp = JupyterFrontEnd & { hit: HTMLElement | undefined; opened: string[] };

export function anApp(): FakeApp {
  const commands = new CommandRegistry();
  const opened: string[] = [];
  commands.addCommand('docmanager:open', {
    describedBy: { args: null },
    execute: ({ path }) => void opened.push(String(path))
  });
  const app = {
    commands,
    opened,
    hit: undefined as HTMLElement | undefined,
    contextMenuHitTest: () => app.hit
  };
  return app as unknown as FakeApp;
}
