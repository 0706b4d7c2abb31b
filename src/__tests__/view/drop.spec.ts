import { MimeData } from '@lumino/coreutils';

import { NotebookDrop } from '../../view/drop';

describe('NotebookDrop', () => {
  let around: HTMLElement;
  let drop: NotebookDrop;
  let dropped: string[][];
  const onRest = jest.fn();

  const place = (id: string) => around.querySelector(`#${id}`) as HTMLElement;
  const send = (type: string, id: string, paths: string[] | null = ['a.ipynb']) => {
    const mimeData = new MimeData();
    if (paths) {
      mimeData.setData('application/x-jupyter-icontents', paths);
    }
    const event = new Event(type, { bubbles: true, cancelable: true });
    Object.assign(event, { mimeData, proposedAction: 'move', dropAction: 'none' });
    place(id).dispatchEvent(event);
    return event as Event & { dropAction: string };
  };
  const isOver = (id: string) => place(id).classList.contains('jp-mod-dropTarget');

  beforeEach(() => {
    jest.useFakeTimers();
    onRest.mockReset();
    dropped = [];
    around = document.createElement('div');
    around.innerHTML = '<div id="panel"><p id="inside"></p></div><p id="tab"></p><p id="else"></p>';
    drop = new NotebookDrop({
      around,
      places: '#panel, #tab',
      doors: '#tab',
      label: () => 'Run on slurm',
      onRest,
      onDrop: paths => void dropped.push(paths)
    });
  });

  afterEach(() => {
    drop.dispose();
    jest.useRealTimers();
  });

  it('takes notebooks anywhere in the panel, and says what will happen', () => {
    const event = send('lm-dragenter', 'inside', ['x/a.ipynb', 'notes.txt', 'B.IPYNB']);
    expect([event.defaultPrevented, event.dropAction]).toEqual([true, 'move']);
    expect(isOver('panel')).toBe(true);
    expect(place('panel').dataset.dropLabel).toBe('Run on slurm');
    send('lm-drop', 'inside', ['x/a.ipynb', 'notes.txt', 'B.IPYNB']);
    expect(dropped).toEqual([['x/a.ipynb', 'B.IPYNB']]);
    expect(isOver('panel')).toBe(false);
    expect(place('panel').dataset.dropLabel).toBeUndefined();
  });

  it.each([
    ['other files', 'panel', ['notes.txt']],
    ['cells and tabs', 'panel', null],
    ['what is dropped beside it', 'else', ['a.ipynb']]
  ])('does not take %s', (_, id, paths) => {
    expect(send('lm-dragenter', id, paths).defaultPrevented).toBe(false);
    expect(send('lm-drop', id, paths).defaultPrevented).toBe(false);
    expect([dropped, isOver(id)]).toEqual([[], false]);
  });

  it('opens the door when one rests on it, once, and not when one passes', () => {
    send('lm-dragenter', 'tab');
    send('lm-dragleave', 'tab');
    jest.runAllTimers();
    expect(onRest).not.toHaveBeenCalled();
    send('lm-dragenter', 'tab');
    send('lm-dragover', 'tab');
    jest.runAllTimers();
    expect(onRest).toHaveBeenCalledTimes(1);
    send('lm-dragenter', 'inside');
    expect([isOver('tab'), isOver('panel')]).toEqual([false, true]);
  });

  it('takes nothing after it was disposed', () => {
    send('lm-dragenter', 'tab');
    drop.dispose();
    jest.runAllTimers();
    expect(onRest).not.toHaveBeenCalled();
    expect(send('lm-drop', 'panel').defaultPrevented).toBe(false);
  });
});
