import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import { ComputeError } from '../api/errors';
import { countActive, isActive } from '../api/states';
import type { Job } from '../api/types';
import type { IJobs } from '../tokens';
import { tell } from './messages';

/** Every active job, also those that are older than what was loaded. Rejects when the server does not tell. */
async function allActive(jobs: IJobs): Promise<readonly Job[]> {
  await jobs.refresh();
  for (;;) {
    const { snapshot } = jobs;
    if (snapshot.error) {
      throw snapshot.error;
    }
    const active = snapshot.jobs.filter(({ state }) => isActive(state));
    if (active.length >= countActive(snapshot.counts) || !snapshot.hasMore) {
      return active;
    }
    await jobs.more();
  }
}

/** Cancels everything that runs or waits. What could not be cancelled is told; nothing is thrown. */
export async function cancelAll(jobs: IJobs, trans: TranslationBundle): Promise<void> {
  const title = trans.__('Not all jobs were cancelled');
  try {
    const some = (await allActive(jobs)).filter(({ can }) => can.includes('cancel'));
    const { failed } = await jobs.bulk(
      'cancel',
      some.map(({ id }) => id)
    );
    if (failed.length) {
      const { message, ...rest } = failed[0].error;
      await tell(title, new ComputeError(message, rest), trans);
    }
  } catch (error) {
    await tell(title, error, trans);
  }
}

/** Says how many there are, and cancels them if that is what is meant. */
export async function askAndCancelAll(jobs: IJobs, trans: TranslationBundle): Promise<void> {
  await jobs.refresh();
  const { counts, error } = jobs.snapshot;
  if (error) {
    await tell(trans.__('Nothing was cancelled'), error, trans);
    return;
  }
  const some = countActive(counts);
  const question = trans._n(
    '%1 job runs or waits. It is cancelled; outputs up to now are kept.',
    '%1 jobs run or wait. All of them are cancelled; outputs up to now are kept.',
    some
  );
  const { button } = await showDialog({
    title: some ? trans.__('Cancel all jobs?') : trans.__('No job is active'),
    body: some ? question : trans.__('Nothing runs and nothing waits.'),
    buttons: some
      ? [
          Dialog.cancelButton({ label: trans.__('Go back') }),
          Dialog.warnButton({ label: trans.__('Cancel all') })
        ]
      : [Dialog.okButton({ label: trans.__('Close') })]
  });
  if (some && button.accept) {
    await cancelAll(jobs, trans);
  }
}
