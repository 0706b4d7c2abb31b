import { Dialog } from '@jupyterlab/apputils';
import { acceptDialog, dismissDialog, framePromise } from '@jupyterlab/testing';
import { nullTranslator } from '@jupyterlab/translation';

import { openedDialog } from '../../testing/dialog';
import type { BeforeAnswer, IBeforeQuestion } from '../../view/before';
import { askBefore } from '../../view/before';

describe('the question what runs before', () => {
  let dialog: HTMLElement;

  const ask = async (change: Partial<IBeforeQuestion> = {}): Promise<BeforeAnswer | null> => {
    const answer = askBefore({
      title: 'Run 1 cell on Short queue',
      cells: [
        { id: 'a', source: '# the numbers\nimport math' },
        { id: 'b', source: '<b>x</b>' },
        { id: 'c', source: 'y = 1' }
      ],
      needed: ['a'],
      reasons: new Map([['a', ['math']]]),
      unresolved: [],
      before: 'needed',
      trans: nullTranslator.load('test'),
      ...change
    });
    dialog = await openedDialog();
    return answer;
  };
  const asked = (change?: Partial<IBeforeQuestion>) => {
    const answer = ask(change);
    return { answer, shown: openedDialog() };
  };
  const inputs = (type: string) =>
    [
      ...dialog.querySelectorAll<HTMLInputElement>(`fieldset input, .jp-Compute-ticks input`)
    ].filter(input => input.type === type);
  const click = async (element: Element | null) => {
    (element as HTMLElement).click();
    await framePromise();
  };
  const lines = () =>
    [...dialog.querySelectorAll('.jp-Compute-ticks li')].map(({ textContent }) => textContent);

  afterEach(() => Dialog.flush());

  it('lists the cells above as text, each with what it gives', async () => {
    const { answer, shown } = asked();
    await shown;
    expect(lines()).toEqual(['import mathmath', '<b>x</b>', 'y = 1']);
    expect(inputs('checkbox').map(({ checked }) => checked)).toEqual([true, false, false]);
    await acceptDialog();
    expect(await answer).toEqual({ before: 'needed', ids: ['a'], remember: false });
  });

  it("answers with what was ticked, in the notebook's order", async () => {
    const { answer, shown } = asked();
    await shown;
    const [a, b, c] = inputs('checkbox');
    for (const tick of [c, a, b, a]) {
      await click(tick);
    }
    await acceptDialog();
    expect((await answer)?.ids).toEqual(['a', 'b', 'c']);
  });

  it('takes another way, and remembers it when told to', async () => {
    const { answer, shown } = asked();
    await shown;
    await click(inputs('radio')[3]);
    expect(dialog.textContent).toContain('All code cells above run first.');
    expect(lines()).toEqual([]);
    await click(dialog.querySelector('.jp-Compute-remember input'));
    await acceptDialog();
    expect(await answer).toMatchObject({ before: 'above', remember: true });
  });

  it('warns of names that nothing above gives', async () => {
    const { answer, shown } = asked({ unresolved: ['df', 'model'] });
    await shown;
    expect(dialog.querySelector('.jp-Compute-warning')?.textContent).toContain('df, model');
    await dismissDialog();
    expect(await answer).toBeNull();
  });
});
