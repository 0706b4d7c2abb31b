import { expect, test } from '../lab';
import { code, patient } from '../rest';

test.beforeEach(({ world }) => {
  test.skip(!world.facts.slurm, `no Slurm: ${world.facts.why_no_slurm ?? ''}`);
});

test('each partition is a profile, and says what it gives or why it gives nothing', async ({
  lab,
  panel
}) => {
  await lab.open();
  await panel.open();
  await panel.profile.click();
  await expect(panel.option('debug')).toContainText('Slurm');
  await expect(panel.option('debug').getByRole('img', { name: 'It answers.' })).toBeVisible();
  await expect(panel.option('short')).toContainText('1 min');
  await expect(panel.option('gpu')).toBeVisible();
  await expect(panel.option('closed')).toContainText('Closed by the site');
  await expect(panel.option('drained')).toContainText('takes no new jobs');
  await expect(panel.option('This machine')).toHaveAttribute('aria-selected', 'true');
  expect(await panel.findings()).toEqual([]);

  await panel.option('debug').click();
  await lab.reload();
  await panel.open();
  await expect(panel.profile).toHaveAccessibleName('Profile: debug');
  await panel.choose('This machine');
});

test('cells run on Slurm, stream below the cells, and a cancel from outside is told', async ({
  lab,
  notebook,
  panel,
  rest,
  world
}) => {
  await rest.clear();
  await rest.save('slurm/cells.ipynb', [
    code(patient('cells.gate')),
    code('import os\nprint("in the job", "SLURM_JOB_ID" in os.environ)'),
    code(patient('never.gate'))
  ]);
  await lab.open('slurm/cells.ipynb');
  await notebook.ready(3);
  await panel.open();
  await panel.choose('debug');
  await notebook.select(0, 1);
  await panel.runCells.click();
  await expect(notebook.output(0)).toHaveText('it began');
  await expect(panel.rows.first()).toContainText(/Running on .*cell 1 of 2/);
  await expect(panel.foot).toContainText('Slurm');
  world.openGate('slurm/cells.gate');
  await expect(notebook.output(1)).toContainText('in the job');
  await panel.sees(panel.rows.first(), 'succeeded');

  await notebook.select(2);
  await panel.runCells.click();
  await expect(notebook.output(2)).toHaveText('it began');
  const [job] = await rest.jobs('slurm/cells.ipynb');
  expect(job.scheduler).toBe('slurm');
  world.slurm('scancel', job.native_id!);
  await panel.sees(panel.row(job), 'cancelled');
  await expect(panel.row(job)).toContainText('Cancelled outside Compute');
  await panel.choose('This machine');
});

test('why a job waits is said in words, and a job that waits is cancelled at once', async ({
  lab,
  panel,
  rest
}) => {
  await rest.clear();
  await rest.save('slurm/waits.ipynb', [code(patient('never.gate'))]);
  await lab.open();
  await panel.open();
  const onNode = { profile: 'debug', name: 'on a node' };
  for (let node = 1; node <= 4; node++) {
    await rest.run('slurm/waits.ipynb', onNode);
  }
  await expect(panel.row('on a node').and(panel.inState('running'))).toHaveCount(4);
  const next = await rest.run('slurm/waits.ipynb', { profile: 'debug', name: 'the next one' });
  const closed = await rest.run('slurm/waits.ipynb', { profile: 'closed', name: 'closed for now' });
  await panel.sees(panel.row(next), 'queued');
  await expect(panel.row(next)).toContainText(
    /Waiting: (?!.*\b(Resources|Priority|None)\b).*\w+ \w+ \w+/
  );
  await expect(panel.row(closed)).toContainText(/Waiting: (?!.*PartitionDown).*\w+ \w+ \w+/);
  await (await panel.action(panel.row(next), 'Cancel')).click();
  await panel.sees(panel.row(next), 'cancelled');
  await expect(panel.row(next)).toContainText('Cancelled by you');
  await rest.clear();
});

test('slurmctld is away: rows and foot say since when, and are fresh again when it is back', async ({
  lab,
  panel,
  rest,
  world
}, info) => {
  await rest.clear();
  await rest.save('slurm/stale.ipynb', [code(patient('never.gate'))]);
  await lab.open();
  await panel.open();
  await panel.resize(300);
  const job = await rest.run('slurm/stale.ipynb', { profile: 'debug', name: 'nightly report' });
  const row = panel.row(job);
  await panel.sees(row, 'running');
  await expect(row).toContainText('Running on');
  world.stopController();
  try {
    await expect(row).toContainText(/No word from Slurm since \d\d:\d\d · was running/, {
      timeout: 40_000
    });
    await expect(row).toHaveAttribute('data-state', 'running');
    await expect(panel.foot).toContainText(/Slurm silent since \d\d:\d\d/);
    await expect(panel.foot).toContainText('this machine');
    await panel.picture(info, 'stale-light');
    expect.soft(await panel.findings()).toEqual([]);
  } finally {
    world.startController();
  }
  await panel.root.getByRole('button', { name: 'Refresh' }).click();
  await expect(row).toContainText('Running on', { timeout: 40_000 });
  await expect(panel.foot).not.toContainText('silent', { timeout: 20_000 });
  await rest.clear();
});
