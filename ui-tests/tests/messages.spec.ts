import { expect, test } from '../lab';
import { code, patient } from '../rest';

/** What the browser was asked to show; a page in front of a headless browser is never hidden by itself. */
type Spied = Window & {
  __hidden?: boolean;
  __shown: { title: string; body: string; at: Notification }[];
};

test('the end of a job that nobody sees is told by the browser, once somebody allowed it by a click', async ({
  context,
  lab,
  page,
  panel,
  rest,
  world
}, info) => {
  await rest.clear();
  await context.grantPermissions(['notifications']);
  await page.addInitScript(() => {
    const spied = window as unknown as Spied;
    spied.__shown = [];
    Object.defineProperty(Document.prototype, 'hidden', { get: () => spied.__hidden ?? false });
    const Real = window.Notification;
    window.Notification = class extends Real {
      constructor(title: string, options: NotificationOptions = {}) {
        super(title, options);
        spied.__shown.push({ title, body: options.body ?? '', at: this });
      }
    };
  });
  const hide = (isHidden: boolean) =>
    page.evaluate(now => {
      (window as unknown as Spied).__hidden = now;
    }, isHidden);
  const endUnseen = async (name: string) => {
    await rest.save(`messages/${name}.ipynb`, [code(patient(`${name}.gate`))]);
    const job = await rest.run(`messages/${name}.ipynb`, { name });
    await panel.sees(panel.row(job), 'running');
    await hide(true);
    world.openGate(`messages/${name}.gate`);
    await panel.sees(panel.row(job), 'succeeded');
    await hide(false);
    return job;
  };
  const shown = () =>
    page.evaluate(() =>
      (window as unknown as Spied).__shown.map(({ title, body }) => [title, body])
    );

  await lab.open();
  await panel.open();
  await endUnseen('first');
  const toast = page.locator('.Toastify__toast').filter({ hasText: 'while JupyterLab was hidden' });
  await expect(toast).toContainText('“first” ended');
  expect(await shown()).toEqual([]);
  await toast.getByRole('button', { name: 'Notify me' }).click();
  await expect(toast).toHaveCount(0);

  await endUnseen('second');
  await expect.poll(shown).toEqual([['second', expect.stringContaining('Done')]]);
  await page.evaluate(() => {
    const [{ at }] = (window as unknown as Spied).__shown;
    at.dispatchEvent(new Event('click'));
  });
  await expect(
    page.locator('.jp-Compute-details').getByRole('heading', { name: 'second' })
  ).toBeVisible();

  await lab.menu('Settings', 'Settings Editor');
  await page.locator('.jp-PluginList').getByText('Compute: messages').click();
  const editor = page.locator('.jp-SettingsPanel');
  await editor.getByRole('checkbox', { name: 'Send a message when a job fails' }).check();
  await editor.getByRole('checkbox', { name: 'Send messages by mail' }).check();
  await editor.getByRole('textbox').first().fill('ann@example.org');
  await info.attach('settings', { body: await page.screenshot(), contentType: 'image/png' });
  // The bridge reads what the editor wrote.
  await expect
    .poll(async () => (await rest.run('messages/first.ipynb')).notify)
    .toEqual({ on: ['failed'], by: ['mail'], mail_by: 'server' });
});
