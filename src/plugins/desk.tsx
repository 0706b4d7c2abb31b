import { Dialog, showDialog } from '@jupyterlab/apputils';
import { PathExt } from '@jupyterlab/coreutils';
import type { Contents } from '@jupyterlab/services';
import { UUID } from '@lumino/coreutils';
import React from 'react';

import { ComputeError, toComputeError } from '../api/errors';
import type { Job, NewJob, Profile, Schedule, ScheduledRequest } from '../api/types';
import { Schedules } from '../model/schedules';
import { serverPath } from '../notebook/source';
import type { ISubject } from '../notebook/subject';
import { savedSubject } from '../notebook/subject';
import type { IJobs } from '../tokens';
import { openForm } from '../view/form/dialog';
import { SchedulesPage } from '../view/schedules/page';
import { WhenState } from '../view/schedules/state';
import { WhenFields } from '../view/schedules/WhenFields';
import type { IFormPlace } from './form';
import { optionsOf } from './form';
import { tell } from './messages';

const REQUEST = '/request';

export interface IDeskOptions {
  readonly place: IFormPlace & { readonly jobs: IJobs };
  readonly contents: Contents.IManager;
  /** Whether an editor shows it with edits that are not saved. */
  isDirty(path: string): boolean;
  openJob(id: string): void;
  openResult(job: Job): void;
  openNotebook(path: string): void;
}

/** Makes, shows and changes recurring runs. Failures are told to the user; nothing is thrown. */
export class Desk {
  readonly schedules: Schedules;

  constructor(private readonly _options: IDeskOptions) {
    const { connect, jobs } = _options.place;
    this.schedules = new Schedules({ connect, jobs });
  }

  /** A new schedule for a notebook. Null: the person left. */
  async create(path: string, profile?: string): Promise<Schedule | null> {
    const { trans } = this._options.place;
    return this._try(trans.__('No schedule was made'), async () => {
      const subject = await this._subject(path);
      const key = UUID.uuid4();
      return this._ask(
        trans.__('Run %1 on a schedule', PathExt.basename(path)),
        trans.__('Create schedule'),
        subject,
        await this._profile(profile),
        undefined,
        (request, when) => this.schedules.create({ key, ...when.wish, request })
      );
    });
  }

  /** The same form with what was chosen. Null: the person left. */
  async edit(id: string): Promise<Schedule | null> {
    const { trans } = this._options.place;
    return this._try(trans.__('The schedule was not changed'), async () => {
      await this.schedules.refresh();
      const schedule = this.schedules.find(id);
      if (!schedule) {
        throw new ComputeError(trans.__('There is no such schedule any more.'), { code: 'gone' });
      }
      const { request, edited_at, name } = schedule;
      const { path } = request.source;
      // One may want to edit it just because its notebook is gone.
      const subject = await this._subject(path).catch(() => savedSubject(path, {}, null));
      return this._ask(
        trans.__('Edit schedule %1', name),
        trans.__('Save'),
        subject,
        await this._profile(request.profile),
        schedule,
        (changed, when) => this.schedules.change(id, { ...when.wish, edited_at, request: changed })
      );
    });
  }

  async remove(id: string): Promise<void> {
    const { trans } = this._options.place;
    const name = this.schedules.find(id)?.name ?? '';
    const { button } = await showDialog({
      title: trans.__('Delete schedule %1?', name),
      body: trans.__('It runs no more. The jobs that it made and their results stay.'),
      buttons: [
        Dialog.cancelButton({ label: trans.__('Go back') }),
        Dialog.warnButton({ label: trans.__('Delete') })
      ]
    });
    if (button.accept) {
      await this._try(trans.__('Not deleted'), () => this.schedules.remove(id));
    }
  }

  /** The page with all of them. */
  page(): SchedulesPage {
    const { place, openJob, openNotebook, openResult } = this._options;
    const { trans, jobs, profiles } = place;
    const { schedules } = this;
    const act = (title: string, verb: (id: string) => Promise<unknown>) => (id: string) =>
      void this._try(title, () => verb(id));
    const page = new SchedulesPage({
      schedules,
      jobs,
      profiles,
      trans,
      events: {
        onRun: act(trans.__('Not run'), id => schedules.run(id).then(() => jobs.refresh())),
        onPause: act(trans.__('Not paused'), id => schedules.pause(id)),
        onResume: act(trans.__('Not resumed'), id => schedules.resume(id)),
        onEdit: id => void this.edit(id),
        onDelete: id => void this.remove(id),
        onOpenJob: openJob,
        onOpenResult: id =>
          void this._try(trans.__('Not opened'), async () => openResult(await jobs.get(id))),
        onOpenNotebook: openNotebook,
        onRefresh: () => void schedules.refresh(),
        history: id => schedules.history(id)
      }
    });
    // While it is open, both are kept current.
    const uses = [schedules.use(), jobs.use()];
    page.disposed.connect(() => uses.forEach(use => use.dispose()));
    void profiles.load();
    return page;
  }

  private async _ask(
    title: string,
    label: string,
    subject: ISubject,
    profile: Profile,
    schedule: Schedule | undefined,
    send: (request: ScheduledRequest, when: WhenState) => Promise<Schedule>
  ): Promise<Schedule | null> {
    const { place, isDirty } = this._options;
    const { trans } = place;
    const note = isDirty(subject.path)
      ? trans.__('The schedule takes the notebook from its file: save your edits.')
      : undefined;
    const when = new WhenState({
      name: PathExt.basename(subject.path, '.ipynb'),
      schedule,
      times: (cron, timezone) => this.schedules.times(cron, timezone)
    });
    const options = await optionsOf(
      subject,
      { profile, before: 'nothing', request: schedule?.request, note },
      place
    );
    try {
      return await openForm<Schedule>(
        title,
        { ...options, send: wish => sent(wish, when, send) },
        trans,
        { label, head: <WhenFields state={when} /> }
      );
    } finally {
      when.dispose();
    }
  }

  private async _subject(path: string): Promise<ISubject> {
    const { contents } = this._options;
    const { content } = await contents.get(path, { type: 'notebook', content: true });
    return savedSubject(serverPath(path, contents) ?? path, content, null);
  }

  /** The one with that name, else the chosen one. */
  private async _profile(name: string | undefined): Promise<Profile> {
    const { profiles, trans } = this._options.place;
    await profiles.load();
    const { current, error } = profiles.snapshot;
    const profile = (name === undefined ? undefined : profiles.find(name)) ?? current;
    if (!profile) {
      throw error ?? new ComputeError(trans.__('There is no profile.'), { code: 'no_profile' });
    }
    return profile;
  }

  private async _try<T>(title: string, act: () => Promise<T>): Promise<T | null> {
    try {
      return await act();
    } catch (error) {
      await tell(title, error, this._options.place.trans);
      return null;
    }
  }
}

/** Send it once what it means is known; the server's word about the run is put to its field. */
async function sent(
  { key, ...request }: NewJob,
  when: WhenState,
  send: (request: ScheduledRequest, when: WhenState) => Promise<Schedule>
): Promise<Schedule> {
  await when.settle();
  try {
    return await send(request, when);
  } catch (error) {
    const { message, code, hint, status, pointer = '' } = toComputeError(error);
    const own = pointer.startsWith(REQUEST) ? pointer.slice(REQUEST.length) : '';
    throw new ComputeError(message, { code, hint, status, pointer: own || undefined }, error);
  }
}
