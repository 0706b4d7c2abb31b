import { Dialog } from '@jupyterlab/apputils';
import { framePromise } from '@jupyterlab/testing';
import { nullTranslator } from '@jupyterlab/translation';

import { ComputeError } from '../../../api/errors';
import type { Job } from '../../../api/types';
import { aJob } from '../../../testing/builders';
import { openedDialog } from '../../../testing/dialog';
import { openForm } from '../../../view/form/dialog';
import type { IFormOptions } from '../../../view/form/state';
import { aForm, around, PREVIEW } from './forms';

// jsdom draws nothing, so it does not scroll.
beforeAll(() => {
  Element.prototype.scrollIntoView = jest.fn();
  window.CSS ??= { escape: (text: string) => text } as typeof CSS;
});

describe('the form', () => {
  let dialog: HTMLElement;
  let answer: Promise<Job | null>;

  /** Wait until it is so: what comes of an event is drawn when React finds the time. */
  const soon = async (check: () => void) => {
    for (let frame = 0; frame < 100; frame++) {
      try {
        return check();
      } catch {
        await framePromise();
      }
    }
    check();
  };
  const open = async (
    change: Partial<IFormOptions> = {},
    sources?: Readonly<Record<string, string>>
  ) => {
    const { state, sent } = aForm(change, sources);
    answer = openForm('Run a.ipynb', state.options, nullTranslator.load('test'));
    dialog = await openedDialog();
    await soon(() => expect(document.activeElement).toBe(field('Profile')));
    return sent;
  };
  /** What bears that label. */
  const field = (label: string) => {
    const found = [...dialog.querySelectorAll('label')].find(each => each.textContent === label);
    return found?.control as HTMLInputElement;
  };
  const type = async (label: string, text: string) => {
    const input = field(label);
    const { prototype } = input instanceof HTMLSelectElement ? HTMLSelectElement : HTMLInputElement;
    Object.getOwnPropertyDescriptor(prototype, 'value')?.set?.call(input, text);
    input.dispatchEvent(new Event('input', { bubbles: true }));
    input.dispatchEvent(new Event('change', { bubbles: true }));
    await soon(() => expect(field(label).value).toBe(text));
  };
  const press = async (key: string, element: Element | null = document.activeElement) => {
    const shiftKey = key.startsWith('Shift+');
    const name = key.replace('Shift+', '');
    const keyCode = { Enter: 13, Escape: 27, Tab: 9 }[name];
    const init = { key: name, keyCode, shiftKey, bubbles: true, cancelable: true };
    const event = new KeyboardEvent('keydown', init);
    element?.dispatchEvent(event);
    await framePromise();
    return event;
  };
  const button = (label: string) =>
    [...dialog.querySelectorAll('button')].find(each => each.textContent === label)!;
  const described = (input: HTMLElement) =>
    (input.getAttribute('aria-describedby') ?? '')
      .split(' ')
      .map(id => document.getElementById(id)?.textContent)
      .join(' ');

  afterEach(() => Dialog.flush());

  it('begins at the profile, and Enter runs', async () => {
    const sent = await open();
    field('Cores').focus();
    await type('Cores', '4');
    await press('Enter');
    expect((await answer)?.id).toBe(aJob().id);
    expect(sent[0].resources?.cores).toBe(4);
  });

  it('leaves with Escape, and nothing is sent', async () => {
    const sent = await open();
    await press('Escape');
    expect(await answer).toBeNull();
    expect(sent).toEqual([]);
  });

  it('stays and goes to the field that is wrong, whose label and problem are bound to it', async () => {
    const sent = await open();
    await type('Memory', '4');
    expect(described(field('Memory'))).not.toContain('with its unit');
    await press('Enter', field('Profile'));
    await soon(() => expect(document.activeElement).toBe(field('Memory')));
    expect(field('Memory').getAttribute('aria-invalid')).toBe('true');
    expect(described(field('Memory'))).toContain('with its unit');
    expect(sent).toEqual([]);
    await type('Memory', '4 GiB');
    await soon(() => expect(field('Memory').hasAttribute('aria-invalid')).toBe(false));
  });

  it('shows a limit at once, with the way out', async () => {
    await open();
    await type('Time limit', '10 h');
    await soon(() => button('Use “Long queue”, which allows 2 d').click());
    await soon(() => expect(field('Profile').value).toBe('long'));
    expect(described(field('Time limit'))).toContain('Up to 2 d');
  });

  it("shows the server's word at its field, be it hidden", async () => {
    const send = async () => {
      const details = { code: 'invalid', status: 422, hint: 'Ask for one.', pointer: '/account' };
      throw new ComputeError('You have no such account.', details);
    };
    await open({ send });
    const more = dialog.querySelector('details')!;
    expect(more.open).toBe(false);
    await press('Enter');
    await soon(() => expect(document.activeElement).toBe(field('Account')));
    expect(more.open).toBe(true);
    expect(described(field('Account'))).toContain('You have no such account. Ask for one.');
  });

  it('shows at the top what is about no field', async () => {
    const send = async () => {
      throw new Error('The disk is full.');
    };
    await open({ send });
    await press('Enter');
    const told = () => dialog.querySelector('[role="alert"]')?.textContent;
    await soon(() => expect(told()).toContain('The disk is full.'));
  });

  it('lets Tab go round: from the last button to the first field and back, past what is folded away', async () => {
    await open();
    button('Run').focus();
    await press('Tab');
    expect(document.activeElement).toBe(field('Profile'));
    await press('Shift+Tab');
    expect(document.activeElement).toBe(button('Run'));
    button('Cancel').focus();
    expect((await press('Tab')).defaultPrevented).toBe(false);
  });

  it('leaves Enter to what has a use for it', async () => {
    const sent = await open();
    const { defaultPrevented } = await press('Enter', dialog.querySelector('summary'));
    expect(defaultPrevented).toBe(false);
    expect(sent).toEqual([]);
  });

  it('shows what would be sent, and goes back to what was typed', async () => {
    const sent = await open({ around: around('notebook') }, { use: 'df' });
    await type('Cores', '3');
    button('Preview').click();
    const preview = () => dialog.querySelector('.jp-Compute-preview')?.textContent;
    await soon(() => expect(preview()).toContain('The queue is long.'));
    expect(preview()).toContain("sbatch '--comment=a b'");
    expect(preview()).toContain(PREVIEW.script);
    expect(preview()).toContain('job.sh 2.0 kB');
    expect(preview()).toContain('“df” is defined in no cell above.');
    expect(sent).toEqual([]);
    button('Back to options').click();
    await soon(() => expect(field('Cores').value).toBe('3'));
    await press('Enter', field('Cores'));
    await answer;
    expect(sent).toHaveLength(1);
  });

  it('lists the cells before, and lets a missed one run', async () => {
    const sent = await open({ before: 'nothing' }, { base: 'x = 1', use: 'x' });
    expect(dialog.textContent).toContain('“x” is defined in a cell that would not run: x = 1');
    button('Run it first').click();
    await soon(() => expect(dialog.textContent).not.toContain('would not run'));
    await press('Enter', field('Profile'));
    await answer;
    expect(sent[0]).toMatchObject({ before: 'needed', before_cell_ids: ['base'] });
  });
});
