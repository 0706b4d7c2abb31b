import { findings } from '../axe';
import { expect, test } from '../lab';
import { code } from '../rest';

test('two old jobs are cleaned up: what they take is seen, then what would go, then they are gone', async ({
  lab,
  page,
  panel,
  rest
}, info) => {
  await rest.clear();
  await rest.save('old/one.ipynb', [code('1')]);
  await rest.save('old/two.ipynb', [code('2')]);
  const jobs = [await rest.run('old/one.ipynb'), await rest.run('old/two.ipynb')];
  for (const { id } of jobs) {
    await rest.until(id);
    await expect.poll(async () => (await rest.job(id)).landed).toBeTruthy();
  }
  await lab.open();
  await panel.open();
  await expect(panel.row('one.ipynb')).toBeVisible();

  await panel.root.getByRole('button', { name: 'Clean up…' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('in the run folders of 2 jobs · 2 have ended');
  // The settings keep everything, so a month is what is asked about first.
  await expect(dialog.getByLabel('Keep jobs from the last days')).toHaveValue('30');
  await expect(dialog.getByRole('status')).toHaveText('Nothing would go.');
  await dialog.getByLabel('Keep jobs from the last days').fill('');
  await dialog.getByLabel('Keep at most this many jobs').fill('0');
  await expect(dialog.getByRole('status')).toContainText(/^2 jobs, .+ would go\.$/);
  expect((await rest.jobs()).length).toBe(2);
  await dialog.getByText('By notebook, and the largest').click();
  await expect(dialog.getByRole('cell', { name: 'old/one.ipynb 1 job' })).toBeVisible();
  expect(await findings(page, '.jp-Dialog-content')).toEqual([]);
  await page.screenshot({ path: info.outputPath('clean-up-light.png') });

  await dialog.getByRole('button', { name: 'Delete 2 jobs' }).click();
  await expect(dialog.getByRole('status')).toContainText('2 jobs are deleted');
  await dialog.getByRole('button', { name: 'Close' }).click();
  await expect(panel.rows.filter({ hasText: '.ipynb' })).toHaveCount(0);
  expect(await rest.jobs()).toEqual([]);
});

test('a found profile is copied, changed, tried and saved, and is there in the panel', async ({
  lab,
  page,
  panel,
  rest
}, info) => {
  await lab.open();
  await panel.open();
  await lab.menu('Settings', 'Manage profiles…');
  const list = page.getByRole('list', { name: 'Profiles', exact: true });
  const found = list.getByRole('listitem', { name: 'This machine', exact: true });
  await expect(found).toContainText('Found on this machine');
  await expect(found.getByRole('button', { name: 'Edit' })).toHaveCount(0);
  await page.screenshot({ path: info.outputPath('profiles-light.png') });
  await found.getByRole('button', { name: 'Duplicate' }).click();

  const form = page.locator('.jp-Compute-profileEditor');
  await expect(form.getByLabel('Name', { exact: true })).toHaveValue('this-machine-copy');
  await form.getByLabel('Title', { exact: true }).fill('One core of mine');
  await form.getByLabel('Cores, usually').fill('1');
  await form.getByLabel('Memory, usually').fill('much');
  await form.getByRole('button', { name: 'Save profile' }).click();
  await expect(form.getByLabel('Memory, usually')).toBeFocused();
  await expect(form.getByRole('alert')).toContainText('A size with its unit');
  await form.getByLabel('Memory, usually').fill('512 MB');
  await form.getByRole('button', { name: 'Test this profile' }).click();
  await expect(form.getByRole('status')).toContainText('It can be used.');
  await expect(form.getByRole('status').getByRole('listitem').first()).toContainText(
    'The scheduler answers.'
  );
  expect(await findings(page, '.jp-Compute-profileEditor')).toEqual([]);
  await page.screenshot({ path: info.outputPath('profile-form-light.png') });
  await form.getByRole('button', { name: 'Save profile' }).click();

  const mine = list.getByRole('listitem', { name: 'One core of mine', exact: true });
  await expect(mine).toContainText('Yours');
  await expect(mine).toContainText('512 MiB');
  const saved = (await rest.profiles()).find(({ name }) => name === 'this-machine-copy');
  expect(saved).toMatchObject({ origin: 'user', title: 'One core of mine' });
  expect(saved!.resources.cores!.default).toBe(1);
  await panel.open();
  await panel.profile.click();
  await expect(panel.option('One core of mine')).toBeVisible();
  await page.keyboard.press('Escape');

  await lab.theme('JupyterLab Dark');
  await page.screenshot({ path: info.outputPath('profiles-dark.png') });
  expect(await findings(page, '.jp-Compute-profiles')).toEqual([]);
  await mine.getByRole('button', { name: 'Edit' }).click();
  await page.screenshot({ path: info.outputPath('profile-form-dark.png') });
  await form.getByRole('button', { name: 'Cancel' }).click();
  await panel.root.getByRole('button', { name: 'Clean up…' }).click();
  await expect(page.getByRole('dialog').getByRole('status')).not.toBeEmpty();
  await page.screenshot({ path: info.outputPath('clean-up-dark.png') });
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
  await lab.theme('JupyterLab Light');

  await mine.getByRole('button', { name: 'Delete…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await expect(mine).toHaveCount(0);
  expect((await rest.profiles()).map(({ name }) => name)).not.toContain('this-machine-copy');
});

test('a profile with wrong types in the settings is shown with what is wrong, and put right', async ({
  lab,
  page,
  rest,
  world
}) => {
  const { url, token } = world.facts;
  const settings = `${url}lab/api/settings/jupyterlab-compute:profiles`;
  const headers = { Authorization: `token ${token}` };
  const write = async (wish: object) => {
    const answer = await page.request.put(settings, {
      headers,
      data: { raw: JSON.stringify(wish) }
    });
    expect(answer.ok()).toBe(true);
  };
  await write({
    my_profiles: { bad: { scheduler: 'local', resources: { cores: 'one' } }, worse: 7 }
  });
  await lab.open();
  await lab.menu('Settings', 'Manage profiles…');
  const list = page.getByRole('list', { name: 'Profiles', exact: true });
  const bad = list.getByRole('listitem', { name: 'bad', exact: true });
  await expect(bad).toContainText('Yours, does not count');
  await expect(page.locator('.jp-Compute-profiles')).toContainText('“resources.cores” should be');
  await expect(page.locator('.jp-Compute-profiles')).toContainText('“worse” (user)');
  await bad.getByRole('button', { name: 'Edit' }).click();

  const form = page.locator('.jp-Compute-profileEditor');
  await expect(form.getByLabel('Cores, usually')).toHaveValue('one');
  for (const column of ['at least', 'usually', 'at most']) {
    await form.getByLabel(`Cores, ${column}`).fill('1');
  }
  await form.getByRole('button', { name: 'Save profile' }).click();
  await expect(bad).not.toContainText('does not count');
  const saved = (await rest.profiles()).find(({ name }) => name === 'bad');
  expect(saved!.resources.cores).toEqual({ default: 1, min: 1, max: 1 });
  // Only mine were written, and the other one is as it was.
  const { raw } = (await (await page.request.get(settings, { headers })).json()) as { raw: string };
  expect(JSON.parse(raw.replace(/^\s*\/\/.*$/gm, ''))).toEqual({
    my_profiles: { bad: { scheduler: { type: 'local' }, resources: { cores: 1 } }, worse: 7 }
  });
  await write({});
});
