import { framePromise as told } from '@jupyterlab/testing';

import { returnFromMenu } from '../../../view/list/menu';

describe('the focus, when a context menu has closed', () => {
  let row: HTMLElement;
  let menu: HTMLElement;

  beforeEach(async () => {
    document.body.innerHTML = '<div id="row" tabindex="0"></div><input />';
    row = document.getElementById('row')!;
    row.focus();
    returnFromMenu();
    menu = Object.assign(document.createElement('div'), { className: 'lm-Menu', tabIndex: -1 });
    document.body.append(menu);
    menu.focus();
    await told();
  });

  it('is where it was before', async () => {
    expect(document.activeElement).toBe(menu);
    menu.remove();
    await told();
    expect(document.activeElement).toBe(row);
  });

  it('stays where a command has taken it', async () => {
    menu.remove();
    document.querySelector('input')!.focus();
    await told();
    expect(document.activeElement).toBe(document.querySelector('input'));
  });

  it('comes back from the last of several menus only, and only once', async () => {
    const deeper = menu.cloneNode() as HTMLElement;
    document.body.append(deeper);
    deeper.focus();
    await told();
    deeper.remove();
    await told();
    expect(document.activeElement).toBe(document.body);
    menu.remove();
    await told();
    expect(document.activeElement).toBe(row);
    row.blur();
    document.body.append(menu);
    menu.remove();
    await told();
    expect(document.activeElement).toBe(document.body);
  });
});
