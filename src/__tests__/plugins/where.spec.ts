import type { INotebookTracker } from '@jupyterlab/notebook';

import { PANEL, panelOf } from '../../plugins/where';

describe('panelOf', () => {
  const [one, two] = [{ id: 'one' }, { id: 'two' }];
  const notebooks = {
    currentWidget: one,
    find: (is: (panel: object) => boolean) => [one, two].find(is)
  } as unknown as INotebookTracker;
  const hitting = (...path: string[]) => ({
    path,
    contextMenuHitTest(is: (node: HTMLElement) => boolean) {
      return this.path
        .map(id => {
          const node = document.createElement('div');
          if (id) {
            node.dataset[PANEL] = id;
          }
          return node;
        })
        .find(is);
    }
  });

  it.each([
    ['the current one, if none is named', {}, ['', 'two'], one],
    ['the one that is named', { panel: 'two' }, [], two],
    [
      'the one whose button was pressed, also if another is current',
      { button: true },
      ['', 'two'],
      two
    ],
    ['the current one, if the button is gone meanwhile', { button: true }, [], one],
    ['the one that the button names', { panel: 'one', button: true }, ['two'], one],
    ['none, if the named one is closed', { panel: 'three' }, [], null]
  ])('is %s', (_, args, path, expected) => {
    expect(panelOf(hitting(...path), notebooks, args)).toBe(expected);
  });

  it('is none where there are no notebooks', () => {
    expect(panelOf(hitting(), null, {})).toBeNull();
  });
});
