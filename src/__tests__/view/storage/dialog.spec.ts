import { framePromise } from '@jupyterlab/testing';
import { nullTranslator } from '@jupyterlab/translation';

import { ComputeClient } from '../../../api/client';
import { anId } from '../../../testing/builders';
import type { Asked } from '../../../testing/bridge';
import { FakeBridge } from '../../../testing/bridge';
import { openedDialog } from '../../../testing/dialog';
import { openCleanUp } from '../../../view/storage/dialog';

const CLEAN = 'POST storage/clean-up';

describe('the clean-up', () => {
  let bridge: FakeBridge;
  let dialog: HTMLElement;
  let left: Promise<void>;
  const onSettings = jest.fn();

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
  const button = (label: string) =>
    [...dialog.querySelectorAll('button')].find(
      each => each.textContent === label
    ) as HTMLButtonElement;
  const deletes = () =>
    bridge
      .askedFor(CLEAN)
      .map(({ body }) => body as { dry_run?: boolean; even_only_copies: boolean })
      .filter(({ dry_run }) => !dry_run);

  beforeEach(async () => {
    onSettings.mockReset();
    bridge = new FakeBridge()
      .on('GET storage', {
        json: {
          jobs: 15,
          measured: 15,
          bytes: 5 * 1024 ** 3,
          ended: { jobs: 14, bytes: 4 * 1024 ** 3 },
          only_copies: 2,
          largest: [{ id: anId('big'), name: 'big.ipynb', bytes: 2 * 1024 ** 3 }],
          notebooks: [{ path: 'a/big.ipynb', jobs: 3, bytes: 3 * 1024 ** 3 }],
          keep: { days: 7, jobs: null, bytes: null }
        }
      })
      .on(CLEAN, ({ body }: Asked) => {
        const even = (body as { even_only_copies: boolean }).even_only_copies;
        const bytes = Math.round(3.2 * 1024 ** 3);
        return { json: { jobs: even ? 14 : 12, bytes, left: 0, spared: even ? 0 : 2 } };
      });
    const client = new ComputeClient(bridge.settings);
    left = openCleanUp({
      trans: nullTranslator.load('test'),
      storage: () => client.storage(),
      cleanUp: wish => client.cleanUp(wish),
      gone: () => undefined,
      onSettings
    });
    dialog = await openedDialog();
    await soon(() => expect(dialog.textContent).toContain('would go'));
  });

  afterEach(async () => {
    button('Close')?.click();
    await left;
  });

  it('says what is taken, by what, and what the settings would let go', () => {
    expect(dialog.textContent).toContain('5 GiB in the run folders of 15 jobs');
    expect(dialog.textContent).toContain('14 have ended and take 4 GiB');
    expect(dialog.textContent).toContain('a/big.ipynb 3 jobs3 GiB');
    expect(dialog.querySelector('[role="status"]')?.textContent).toBe(
      '12 jobs, 3.2 GiB would go. 2 stay because their results are nowhere else.'
    );
    expect(button('Delete 12 jobs').getAttribute('aria-disabled')).toBe('false');
    expect(deletes()).toEqual([]);
  });

  it('spares the only copies unless they are ticked, and says what that means', async () => {
    const tick = dialog.querySelector<HTMLInputElement>('input[type="checkbox"]')!;
    expect(tick.checked).toBe(false);
    expect(dialog.textContent).toContain('Deleted there, they are gone for good.');
    tick.click();
    await soon(() => expect(button('Delete 14 jobs')).toBeDefined());
    button('Delete 14 jobs').click();
    await soon(() => expect(dialog.textContent).toContain('14 jobs are deleted: 3.2 GiB.'));
    expect(deletes()).toEqual([{ days: 7, even_only_copies: true }]);
    expect(button('Delete').getAttribute('aria-disabled')).toBe('true');
  });

  it('deletes nothing on Enter, nor where a limit is none', async () => {
    const field = dialog.querySelector<HTMLInputElement>('input[type="text"]')!;
    const init = { key: 'Enter', keyCode: 13, bubbles: true, cancelable: true };
    field.dispatchEvent(new KeyboardEvent('keydown', init));
    expect(dialog.isConnected).toBe(true);
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set?.call(field, 'x');
    field.dispatchEvent(new Event('input', { bubbles: true }));
    await soon(() => expect(button('Delete')).toBeDefined());
    button('Delete').click();
    await framePromise();
    expect(deletes()).toEqual([]);
  });

  it('leads to the settings that do it by themselves', async () => {
    button('Settings: how long jobs are kept').click();
    await left;
    expect(onSettings).toHaveBeenCalledTimes(1);
    expect(dialog.isConnected).toBe(false);
  });
});
