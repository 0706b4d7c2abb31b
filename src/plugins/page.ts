import type { ILabShell, JupyterFrontEnd } from '@jupyterlab/application';
import type { Widget } from '@lumino/widgets';

/**
 * Adds a page of ours to the main area; below it where that has one place only, which is taken: on the pages of Notebook 7.
 *
 * JupyterLab's shell takes a page also when it shows it later, after the layout is restored.
 */
export function addPage(
  shell: JupyterFrontEnd.IShell,
  lab: ILabShell | null,
  widget: Widget,
  type: string
): void {
  shell.add(widget, 'main', { type });
  if (!lab && !widget.isAttached) {
    shell.add(widget, 'down', { type });
  }
}
