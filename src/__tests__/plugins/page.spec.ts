import type { ILabShell, JupyterFrontEnd } from '@jupyterlab/application';
import { Widget } from '@lumino/widgets';

import { addPage } from '../../plugins/page';

describe('addPage', () => {
  let areas: string[];
  /** It has room in these. */
  const shellWith = (...room: string[]): JupyterFrontEnd.IShell =>
    ({
      add: (widget: Widget, area: string) => {
        areas.push(area);
        if (room.includes(area)) {
          Widget.attach(widget, document.body);
        }
      }
    }) as unknown as JupyterFrontEnd.IShell;

  beforeEach(() => {
    areas = [];
  });

  it('opens a tab beside the others', () => {
    addPage(shellWith('main', 'down'), null, new Widget(), 'a page');
    expect(areas).toEqual(['main']);
  });

  it('goes below where the main area has no room', () => {
    const widget = new Widget();
    addPage(shellWith('down'), null, widget, 'a page');
    expect(areas).toEqual(['main', 'down']);
    expect(widget.isAttached).toBe(true);
  });

  it('waits for a layout that is being restored', () => {
    const lab = shellWith();
    addPage(lab, lab as ILabShell, new Widget(), 'a page');
    expect(areas).toEqual(['main']);
  });
});
