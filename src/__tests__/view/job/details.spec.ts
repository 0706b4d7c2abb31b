import { RenderMimeRegistry } from '@jupyterlab/rendermime';
import { nullTranslator } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';
import { act } from 'react';

import type { Job } from '../../../api/types';
import { Columns } from '../../../model/columns';
import { aCluster, aJob, anId, aProfile } from '../../../testing/builders';
import { click } from '../../../testing/react';
import type { JobsSnapshot, ProfilesSnapshot } from '../../../tokens';
import { JobDetails } from '../../../view/job/details';

describe('JobDetails', () => {
  const job = aJob({ id: anId('job'), name: 'train', state: 'running', started_at: '2026-03-01' });
  const events = {
    onOpen: jest.fn(),
    onCancel: jest.fn(),
    onDelete: jest.fn(),
    onHold: jest.fn(),
    onRelease: jest.fn(),
    onEdit: jest.fn(),
    onOpenResult: jest.fn(),
    onOpenFile: jest.fn(),
    onOpenSource: jest.fn(),
    onOpenSchedule: jest.fn(),
    onCopyLink: null,
    onRetry: jest.fn()
  };
  const outputs = jest.fn();
  const log = jest.fn();
  const usage = jest.fn();
  const files = jest.fn(async () => ({ files: [], truncated: false }));
  const file = jest.fn(async (id: string, path: string) => `#!/bin/sh ${path}`);
  let jobs: { snapshot: JobsSnapshot; changed: Signal<unknown, void> };
  let profiles: { snapshot: ProfilesSnapshot; changed: Signal<unknown, void> };
  let details: JobDetails;
  let columns: Columns;

  const pass = (ms = 100) => act(() => jest.advanceTimersByTimeAsync(ms));
  const show = (job: Job) => {
    act(() => {
      details = new JobDetails({
        job,
        jobs: {
          ...jobs,
          columns,
          outputs,
          log,
          usage,
          get: async () => job,
          ofNotebook: async () => [],
          content: async () => new Blob([]),
          files,
          file,
          fileUrl: (id, path) => path
        },
        profiles,
        rendermime: new RenderMimeRegistry(),
        trans: nullTranslator.load('test'),
        events
      });
      Widget.attach(details, document.body);
    });
    return pass();
  };
  const head = () => details.node.querySelector('.jp-Compute-detailsHead');
  const choose = (label: string) => {
    const tabs = [...details.node.querySelectorAll('[role="tab"]')];
    click(tabs.find(({ textContent }) => textContent === label) as Element);
  };
  const page = (ended: boolean) => ({ attempt: 1, events: [], next: 0, more: false, ended });

  beforeEach(() => {
    jest.useFakeTimers();
    jest.clearAllMocks();
    columns = new Columns();
    jobs = {
      snapshot: { jobs: [job], clusters: [] } as unknown as JobsSnapshot,
      changed: new Signal({})
    };
    profiles = {
      snapshot: { profiles: [] } as unknown as ProfilesSnapshot,
      changed: new Signal({})
    };
    outputs.mockReset().mockResolvedValue(page(false));
    log.mockReset().mockResolvedValue({ text: '', next: 0, size: 0 });
  });

  afterEach(() => {
    act(() => details.dispose());
    jest.useRealTimers();
  });

  it('shows what other extensions say of it among its facts, as long as they do', async () => {
    await show({ ...job, state: 'queued', started_at: null });
    await pass();
    let added: IDisposable;
    const text = ({ name }: Job) => `7 € for ${name}`;
    const fact = () => document.querySelector('[data-column="compute-cost:cost"]');
    act(() => {
      added = columns.add({ id: 'compute-cost:cost', label: 'Cost', text });
    });
    expect(fact()?.closest('.jp-Compute-facts')).not.toBeNull();
    expect(fact()?.textContent).toBe('Cost7 € for train');
    act(() => added.dispose());
    expect(fact()).toBeNull();
  });

  it('shows the job as it is now, on the page and on its tab', async () => {
    await show(job);
    expect(head()?.textContent).toContain('trainRunning');
    const done = { ...job, state: 'succeeded' as const, revision: 2 };
    Object.assign(jobs.snapshot, { jobs: [done] });
    act(() => jobs.changed.emit());
    await pass();
    expect(head()?.textContent).toContain('trainDone');
    expect(details.title.className).toBe('jp-Compute-tab-good');
  });

  it('names a scheduler that is silent by its title, also when that comes later', async () => {
    await show({ ...job, cluster: 'slurm@a', stale_since: '2026-03-01T09:00:00Z' });
    Object.assign(jobs.snapshot, {
      jobs: [],
      clusters: [aCluster({ name: 'slurm@a', title: 'Slurm' })]
    });
    act(() => jobs.changed.emit());
    await pass();
    expect(head()?.textContent).toContain('No word from Slurm since');
  });

  it('keeps its head when the tab is moved', async () => {
    await show(job);
    await act(async () => Widget.detach(details));
    await act(async () => Widget.attach(details, document.body));
    await pass();
    expect(head()?.textContent).toContain('trainRunning');
  });

  it('keeps its head when it is moved while it is drawn, as a layout that is restored does', async () => {
    await show(job);
    await act(async () => {
      for (let times = 0; times < 3; times++) {
        Widget.detach(details);
        details.title.label = '';
        Widget.attach(details, document.body);
        Object.assign(jobs.snapshot, { jobs: [{ ...job, name: `train ${times}` }] });
        jobs.changed.emit();
      }
    });
    await pass();
    expect(details.node.querySelectorAll('h2')).toHaveLength(1);
    expect(head()?.textContent).toContain('train 2Running');
  });

  it('reads on while the job runs, and to its end', async () => {
    await show(job);
    await pass(5000);
    const asked = outputs.mock.calls.length;
    expect(asked).toBeGreaterThan(3);
    outputs.mockResolvedValue(page(true));
    Object.assign(jobs.snapshot, { jobs: [{ ...job, state: 'succeeded', revision: 2 }] });
    act(() => jobs.changed.emit());
    await pass(1000);
    const last = outputs.mock.calls.length;
    await pass(10_000);
    expect(outputs.mock.calls.length).toBe(last);
  });

  it('reads the tab that was chosen while another one was read', async () => {
    let answer: (page: unknown) => void = () => undefined;
    outputs.mockReturnValue(new Promise(resolve => (answer = resolve)));
    log.mockResolvedValueOnce({ text: 'one\n', next: 4, size: 8 });
    log.mockResolvedValueOnce({ text: 'two\n', next: 8, size: 8 });
    await show({ ...job, state: 'succeeded' });
    choose('Log');
    answer(page(true));
    await pass(5000);
    expect(details.node.querySelector('.jp-Compute-logText')?.textContent).toBe('one\ntwo\n');
  });

  it('says beside the tab that failed that it cannot be read, until it can', async () => {
    outputs.mockRejectedValue(new Error('The disk is gone.'));
    await show(job);
    const section = () => details.node.querySelector<HTMLElement>('.jp-Compute-jobSection');
    expect(section()?.dataset.problem).toBe('This cannot be read now: The disk is gone.');
    outputs.mockResolvedValue(page(false));
    await pass(10_000);
    expect(section()?.dataset.problem).toBeUndefined();
  });

  it('reads again at once when the server is there again', async () => {
    outputs.mockRejectedValue(new Error('The server does not answer.'));
    await show(job);
    await pass(300_000);
    Object.assign(jobs.snapshot, { error: new Error('away') });
    act(() => jobs.changed.emit());
    outputs.mockReset().mockResolvedValue(page(false));
    Object.assign(jobs.snapshot, { error: null });
    act(() => jobs.changed.emit());
    await pass(0);
    expect(outputs).toHaveBeenCalledTimes(1);
  });

  const change = (news: Partial<Job>) => {
    const [old] = jobs.snapshot.jobs;
    Object.assign(jobs.snapshot, { jobs: [{ ...old, ...news, revision: old.revision + 1 }] });
    act(() => jobs.changed.emit());
    return pass();
  };

  it('lists files calmly, whatever progress the job makes, and not when it has ended', async () => {
    await show(job);
    choose('Files');
    await pass();
    files.mockClear();
    for (let done = 1; done <= 20; done++) {
      await change({ progress: { done, total: 20, current: null } });
      await pass(900);
    }
    expect(files).toHaveBeenCalledTimes(4);
    await change({ state: 'succeeded' });
    expect(files).toHaveBeenCalledTimes(5);
    await pass(60_000);
    expect(files).toHaveBeenCalledTimes(5);
  });

  it('fetches the script once for each attempt', async () => {
    await show(job);
    file.mockClear();
    choose('Script');
    await pass(30_000);
    choose('Log');
    choose('Script');
    await change({ progress: { done: 1, total: 2, current: null } });
    const scripts = () => file.mock.calls.filter(([, path]) => path === 'job.sh');
    expect(scripts()).toHaveLength(1);
    await change({ attempt: 2 });
    expect(scripts()).toHaveLength(2);
    await pass(30_000);
    expect(scripts()).toHaveLength(2);
  });

  it('leads a failure with its sentence and the button that cures it, once the profile is known', async () => {
    const reason = { code: 'out_of_memory', text: 'Killed: used more than 2 GiB.' };
    const resources = { memory_mb: 2048 };
    await show({ ...job, state: 'failed', reason, resources, can: ['retry', 'forget'] });
    const callout = () => details.node.querySelector('.jp-Compute-callout');
    expect(callout()?.querySelector('p')?.textContent).toBe('Killed: used more than 2 GiB.');
    expect(callout()?.querySelector('button')?.textContent).toBe('Edit and run again…');
    Object.assign(profiles.snapshot, {
      loaded: true,
      profiles: [aProfile({ resources: { memory_mb: { max: 8192 } } })]
    });
    act(() => profiles.changed.emit());
    await pass();
    const cure = callout()?.querySelector('button') as HTMLButtonElement;
    expect(cure.textContent).toBe('Run again with 4 GiB');
    click(cure);
    expect(events.onRetry.mock.calls).toEqual([[job.id, { memory_mb: 4096 }]]);
  });

  it('opens what was made of the result, and says why something was not', async () => {
    const exports: Job['exports'] = [
      { format: 'html', path: 'runs/train.html', problem: null },
      { format: 'pdf', path: null, problem: 'The server has no xelatex.' }
    ];
    await show({ ...job, state: 'succeeded', landed: 'runs/train.ipynb', exports });
    const buttons = [...details.node.querySelectorAll('.jp-Compute-jobButtons button')];
    const labels = buttons.map(({ textContent }) => textContent);
    expect(labels.filter(label => label?.startsWith('Open'))).toEqual(['Open HTML', 'Open result']);
    click(buttons[labels.indexOf('Open HTML')]);
    expect(events.onOpenFile.mock.calls).toEqual([['runs/train.html']]);
    expect(details.node.querySelector('.jp-Compute-callout')?.textContent).toBe(
      'No PDF: The server has no xelatex.'
    );
  });

  it('leads to the jobs that it repeats and that repeat it', async () => {
    const before = anId('before');
    const after = aJob({ id: anId('after'), retry_of: job.id });
    Object.assign(jobs.snapshot, { jobs: [after, job] });
    await show({ ...job, retry_of: before });
    const link = (label: string) =>
      [...details.node.querySelectorAll('button')].find(({ textContent }) => textContent === label);
    click(link('repeats this job') as Element);
    click(link('repeated by this job') as Element);
    expect(events.onOpen.mock.calls).toEqual([[before], [after.id]]);
  });

  it('leads to the schedule that sent it, if one did', async () => {
    const link = () =>
      [...details.node.querySelectorAll('button')].find(
        ({ textContent }) => textContent === 'from a schedule'
      );
    await show(job);
    expect(link()).toBeUndefined();
    act(() => details.dispose());
    await show({ ...job, schedule: anId('schedule') });
    click(link() as Element);
    expect(events.onOpenSchedule.mock.calls).toEqual([[job.id]]);
  });

  it('tells of earlier attempts what they left', async () => {
    const started = { started_at: '2026-03-01T08:00:00Z', host: 'n7' };
    const ended = { ended_at: '2026-03-01T08:10:00Z', reason: { text: 'The node failed.' } };
    file.mockImplementation(async (_, path) =>
      JSON.stringify(path.endsWith('started.json') ? started : ended)
    );
    await show({ ...job, attempt: 2 });
    click(details.node.querySelector('[aria-expanded]') as Element);
    const step = [...details.node.querySelectorAll('.jp-Compute-timeline li')].find(
      ({ textContent }) => textContent?.includes('Attempt 1 started')
    );
    expect(step?.textContent).toContain('10:00');
    expect(step?.textContent).toContain('On n7');
    expect(step?.textContent).toContain('The node failed.');
  });

  it('asks and hears nothing after it was closed', async () => {
    await show(job);
    act(() => details.dispose());
    const asked = outputs.mock.calls.length;
    Object.assign(jobs.snapshot, { jobs: [{ ...job, name: 'other', revision: 2 }] });
    jobs.changed.emit();
    await pass(5000);
    expect(outputs.mock.calls.length).toBe(asked);
    expect(details.title.label).not.toBe('other');
  });
});
