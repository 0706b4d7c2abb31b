import { findings } from '../axe';
import { expect, test } from '../lab';
import { code } from '../rest';

test('a notebook runs on a schedule: made, seen, run by itself, paused, edited and deleted', async ({
  lab,
  notebook,
  page,
  rest,
  world
}) => {
  await rest.clear();
  await rest.clearSchedules();
  await rest.save('reports/daily.ipynb', [
    code("day = 'none'", 'p', ['parameters']),
    code("print('the day is', day)", 'b')
  ]);
  await lab.open('reports/daily.ipynb');
  await notebook.ready(2);
  await lab.menu('Run', 'Run on a schedule…');
  const form = page.getByRole('dialog');
  await expect(form).toContainText('Run daily.ipynb on a schedule');
  await expect(form).toContainText(/Next runs: .+ at 07:00/);
  await expect(form).toContainText('Your Jupyter server sends the runs while it is running.');
  expect(await findings(page, '.jp-Dialog-content')).toEqual([]);

  // What means nothing is said at once, and again when one wants to save it.
  await form.getByLabel('Repeat').selectOption({ label: 'As a cron expression says' });
  await form.getByLabel('Cron expression').fill('0 25 * * *');
  await expect(form).toContainText('“25” is not an hour: 0 to 23');
  await form.getByRole('button', { name: 'Create schedule' }).click();
  await expect(form.getByRole('alert')).toContainText('“25” is not an hour');
  await form.getByLabel('Cron expression').fill('* * * * *');
  await expect(form).toContainText('Every minute');
  await form.getByLabel('Time zone').fill('Asia/Tokyo');
  await form.getByLabel('day', { exact: true }).fill('{date}');
  await form.getByRole('button', { name: 'Create schedule' }).click();

  const row = page.getByRole('listitem', { name: 'daily', exact: true });
  await expect(row).toContainText('Every minute (Asia/Tokyo)');
  await expect(row).toContainText('It has not run yet.');
  // The moment comes, and nobody does anything.
  world.makeDue((await rest.schedules())[0]);
  await expect(row).toContainText(/Last run, today at \d\d:\d\d: done/);
  await row.getByRole('button', { name: 'Pause daily' }).click();
  await expect(row).toContainText('Paused');
  await row.getByRole('button', { name: 'Show its runs' }).click();
  const [job] = await rest.jobs('reports/daily.ipynb');
  const today = new Date(job.due_at!).toLocaleDateString('sv-SE', { timeZone: 'Asia/Tokyo' });
  expect(job.parameters).toEqual({ day: today });
  await expect.poll(async () => (await rest.job(job.id)).landed).toBeTruthy();
  expect(world.read((await rest.job(job.id)).landed!)).toContain(`the day is`);
  expect(await findings(page, '.jp-Compute-schedulesPage')).toEqual([]);

  await row.getByRole('button', { name: 'Run daily now' }).click();
  await expect(row.locator('.jp-Compute-runs')).toContainText('asked for by hand');

  await row.getByRole('button', { name: 'Edit daily…' }).click();
  await expect(form.getByLabel('Cron expression')).toHaveValue('* * * * *');
  await expect(form.getByLabel('day', { exact: true })).toHaveValue('{date}');
  await form.getByLabel('Repeat').selectOption({ label: 'Every weekday' });
  await form.getByLabel('At', { exact: true }).fill('07:30');
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(row).toContainText('Every weekday at 07:30 (Asia/Tokyo)');
  await row.getByRole('button', { name: 'Resume daily' }).click();
  await expect(row).toContainText(/Next run: .+ at 22:30/);

  // The tab is there again after a reload, and a job leads to the notebook's runs.
  await lab.reload();
  await expect(row).toContainText('Every weekday at 07:30 (Asia/Tokyo)');
  await row.getByRole('button', { name: 'Delete daily…' }).click();
  await form.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(page.getByText('No notebook runs on a schedule.')).toBeVisible();
  expect((await rest.jobs('reports/daily.ipynb')).length).toBeGreaterThanOrEqual(2);
});

test('a notebook that was renamed is said on its schedule', async ({
  lab,
  notebook,
  page,
  rest,
  world
}) => {
  await rest.clearSchedules();
  await rest.save('gone/report.ipynb', [code('1')]);
  await lab.open('gone/report.ipynb');
  await notebook.ready(1);
  await page.locator('.jp-DirListing-item', { hasText: 'report.ipynb' }).click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Run on a schedule…' }).click();
  const form = page.getByRole('dialog');
  await form.getByLabel('Repeat').selectOption({ label: 'As a cron expression says' });
  await form.getByLabel('Cron expression').fill('* * * * *');
  await form.getByRole('button', { name: 'Create schedule' }).click();
  const row = page.getByRole('listitem', { name: 'report', exact: true });
  await expect(row).toContainText('Every minute');
  world.rename('gone/report.ipynb', 'gone/renamed.ipynb');
  world.makeDue((await rest.schedules())[0]);
  await expect(row).toContainText('The last run could not be sent.');
  await expect(row).toContainText('gone/report.ipynb cannot be read');
  const failed = (await rest.jobs('gone/report.ipynb')).filter(({ state }) => state === 'failed');
  expect(failed).toEqual([]);
  await rest.clearSchedules();
});
