import { Dialog } from '@jupyterlab/apputils';
import type { Contents } from '@jupyterlab/services';
import { nullTranslator } from '@jupyterlab/translation';
import { acceptDialog, dismissDialog } from '@jupyterlab/testing';
import { Signal } from '@lumino/signaling';

import { ComputeClient } from '../../api/client';
import { Desk } from '../../plugins/desk';
import type { IFormPlace } from '../../plugins/form';
import { FakeBridge } from '../../testing/bridge';
import { aJobList, anId, aProfile, aSchedule } from '../../testing/builders';
import { openedDialog } from '../../testing/dialog';
import type { IJobs } from '../../tokens';

describe('making and changing schedules', () => {
  const id = anId('schedule');
  let bridge: FakeBridge;
  let desk: Desk;
  let get: jest.Mock;
  let isDirty: boolean;
  const button = (label: string) =>
    [...document.querySelectorAll<HTMLButtonElement>('.jp-Dialog-footer button')].find(
      ({ textContent }) => textContent === label
    ) as HTMLButtonElement;
  const bodyOf = (route: string) => bridge.askedFor(route)[0].body as Record<string, unknown>;

  beforeEach(() => {
    // jsdom lays nothing out, and has nowhere to scroll.
    Element.prototype.scrollIntoView = jest.fn();
    isDirty = false;
    const by = aSchedule().by;
    bridge = new FakeBridge()
      .on('GET ', { json: { name: 'x', version: '1', api: 1, capabilities: [] } })
      .on('GET schedules', { json: { schedules: [aSchedule()] } })
      .on('GET jobs', { json: aJobList() })
      .on('POST schedules/times', { json: { cron: 'x', words: 'x', next: [], by } });
    const notebook = {
      metadata: { kernelspec: { name: 'python3', language: 'python' } },
      cells: [{ cell_type: 'code', source: '1', metadata: {}, id: 'a' }]
    };
    get = jest.fn().mockResolvedValue({ content: notebook });
    const profile = aProfile();
    const snapshot = { profiles: [profile], current: profile, error: null };
    const profiles = { snapshot, load: async () => undefined, find: () => profile };
    const jobs = { snapshot: { jobs: [], clusters: [] }, preview: jest.fn(), submit: jest.fn() };
    Object.assign(jobs, { changed: new Signal(jobs) });
    const place = {
      jobs,
      profiles,
      kernelspecs: {
        ready: Promise.resolve(),
        specs: { kernelspecs: { python3: { name: 'python3', display_name: 'Python 3' } } }
      },
      languages: null,
      registry: null,
      trans: nullTranslator.load('jupyterlab_compute'),
      connect: async () => new ComputeClient(bridge.settings)
    } as unknown as IFormPlace & { jobs: IJobs };
    desk = new Desk({
      place,
      contents: {
        get,
        localPath: (path: string) => path,
        driveName: () => ''
      } as unknown as Contents.IManager,
      isDirty: () => isDirty,
      openJob: jest.fn(),
      openResult: jest.fn(),
      openNotebook: jest.fn()
    });
  });

  afterEach(() => {
    desk.schedules.dispose();
    Dialog.flush();
  });

  it('sends what stands in the form: when, and a whole request without a key of its own', async () => {
    bridge.on('POST schedules', { status: 201, json: aSchedule() });
    const made = desk.create('reports/analysis.ipynb');
    await openedDialog();
    button('Create schedule').click();
    expect((await made)?.id).toBe(id);
    const { key, ...body } = bodyOf('POST schedules');
    expect(key).toMatch(/^[A-Za-z0-9-]{8,}$/);
    expect(body).toMatchObject({
      name: 'analysis',
      cron: '0 7 * * MON-FRI',
      notebook: 'saved',
      request: {
        profile: 'local',
        source: { kind: 'notebook', path: 'reports/analysis.ipynb' }
      }
    });
    expect(body.request).not.toHaveProperty('key');
    expect((body.request as { source: object }).source).not.toHaveProperty('content');
  });

  it('asks for the content of the notebook, which is not given otherwise', async () => {
    const made = desk.create('analysis.ipynb');
    await openedDialog();
    expect(get).toHaveBeenCalledWith('analysis.ipynb', { type: 'notebook', content: true });
    await dismissDialog();
    expect(await made).toBeNull();
    expect(bridge.askedFor('POST schedules')).toEqual([]);
  });

  it('says that edits that are not saved do not run', async () => {
    isDirty = true;
    const made = desk.create('analysis.ipynb');
    expect((await openedDialog()).textContent).toContain('save your edits');
    await dismissDialog();
    await made;
  });

  it('puts what the server says of the run to the field that it is about, and stays open', async () => {
    const refusal = {
      code: 'invalid',
      message: '“This machine” allows at most 2 cores, not 9.',
      hint: '',
      pointer: '/request/resources/cores'
    };
    bridge.on('POST schedules', { status: 422, json: refusal });
    const made = desk.create('analysis.ipynb');
    const dialog = await openedDialog();
    button('Create schedule').click();
    while (!dialog.querySelector('[role="alert"]')) {
      await new Promise(requestAnimationFrame);
    }
    const field = dialog.querySelector('[data-pointer="/resources/cores"]');
    expect(field?.getAttribute('aria-invalid')).toBe('true');
    await dismissDialog();
    await made;
  });

  it('changes what the person saw, so that the change of another window is not lost', async () => {
    bridge.on(`PUT schedules/${id}`, { json: aSchedule({ name: 'changed' }) });
    const changed = desk.edit(id);
    await openedDialog();
    button('Save').click();
    expect((await changed)?.name).toBe('changed');
    const { edited_at, cron, timezone } = aSchedule();
    expect(bodyOf(`PUT schedules/${id}`)).toMatchObject({ edited_at, cron, timezone });
  });

  it('edits a schedule whose notebook is gone', async () => {
    get.mockRejectedValue(new Error('Not Found'));
    const changed = desk.edit(id);
    expect((await openedDialog()).textContent).toContain('Edit schedule analysis');
    await dismissDialog();
    await changed;
  });

  it('says why a notebook cannot be scheduled', async () => {
    get.mockRejectedValue(new Error('The file is locked.'));
    const made = desk.create('analysis.ipynb');
    expect((await openedDialog()).textContent).toContain('The file is locked.');
    await acceptDialog();
    expect(await made).toBeNull();
  });

  it('deletes only what one says twice', async () => {
    await desk.schedules.refresh();
    bridge.on(`DELETE schedules/${id}`, { status: 204 });
    const kept = desk.remove(id);
    await openedDialog();
    await dismissDialog();
    await kept;
    expect(bridge.askedFor(`DELETE schedules/${id}`)).toEqual([]);
    const gone = desk.remove(id);
    expect((await openedDialog()).textContent).toContain('Delete schedule analysis?');
    await acceptDialog();
    await gone;
    expect(bridge.askedFor(`DELETE schedules/${id}`)).toHaveLength(1);
  });
});
