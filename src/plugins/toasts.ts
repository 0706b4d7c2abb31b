import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import type { Job } from '../api/types';
import { IJobs } from '../tokens';
import { CommandIDs } from './ids';

const ID = 'jupyterlab-compute:toasts';
const SHOWN_MS = 10_000;

/** JupyterLab cuts the end off what is longer. */
const MOST_CHARS = 140;
/** Less of a name tells nothing. */
const LEAST_NAME = 12;

/** The end of a sentence is the reason or the cure: if something has to give way, it is the middle of the name. */
function message(name: string, said: string): string {
  const room = MOST_CHARS - said.length - 2;
  if (name.length <= room) {
    return `${name}: ${said}`;
  }
  const kept = room - 1;
  const end = Math.floor(kept / 2);
  return room < LEAST_NAME
    ? said
    : `${name.slice(0, kept - end)}…${name.slice(name.length - end)}: ${said}`;
}

export const toastsPlugin: JupyterFrontEndPlugin<void> = {
  id: ID,
  description: 'Says when a job that was seen active has ended.',
  autoStart: true,
  requires: [IJobs],
  optional: [ISettingRegistry, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    jobs: IJobs,
    registry: ISettingRegistry | null,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('jupyterlab_compute');
    const settings = Promise.resolve(registry?.load(ID) ?? null).catch(() => null);

    const action = (label: string, command: string, { id }: Job) => ({
      label,
      callback: () => void app.commands.execute(command, { id })
    });
    const show = async (job: Job) => {
      const wanted = (await settings)?.get('at_end').composite ?? 'all';
      if (wanted === 'none' || (wanted === 'failures' && job.state === 'succeeded')) {
        return;
      }
      const { clusterTitle, sentence } = await import('../view/words');
      const { word, rest } = sentence(job, trans, clusterTitle(job, jobs.snapshot.clusters));
      const isGood = job.state === 'succeeded';
      const open =
        isGood && job.source.kind === 'cells' ? CommandIDs.openSource : CommandIDs.openResult;
      const actions = [
        ...(isGood && (job.landed !== null || job.source.kind === 'cells')
          ? [
              action(
                job.source.kind === 'cells' ? trans.__('Show cells') : trans.__('Open result'),
                open,
                job
              )
            ]
          : []),
        action(trans.__('Show job'), CommandIDs.openJob, job)
      ];
      const type = isGood ? 'success' : job.state === 'failed' ? 'error' : 'info';
      const autoClose = job.state === 'failed' ? false : SHOWN_MS;
      Notification.emit(message(job.name, word + rest), type, { actions, autoClose });
    };

    jobs.ended.connect((_, job) => {
      // Who cancelled it knows.
      if (job.cancel_requested_at === null || job.state !== 'cancelled') {
        void show(job);
      }
    });
  }
};
