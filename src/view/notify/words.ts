import type { TranslationBundle } from '@jupyterlab/translation';

import type { Job } from '../../api/types';
import { isFinal } from '../../api/states';
import { clock } from '../units';

type Told = Job['notified'][number];
type Way = Told['by'];
type Occasion = Told['on'];

/** What was told of a job, could not be, or will be, in short lines; nothing where nobody wished it. */
export function tellings({ notify, notified, state }: Job, trans: TranslationBundle): string[] {
  const said = notified.map(each => told(each, trans));
  if (isFinal(state)) {
    return said;
  }
  const isToCome = (by: Way, on: Occasion) =>
    !notified.some(each => each.by === by && each.on === on);
  // An end that is told in any case is not told as a failure too.
  const occasions = notify.on.filter(on => on !== 'failed' || !notify.on.includes('ended'));
  const coming = notify.by.flatMap(by =>
    occasions
      .filter(on => isToCome(by, on))
      .map(on => toCome(by, on, notify.mail_by === 'scheduler', trans))
  );
  return [...said, ...coming];
}

function told({ by, on, at, problem }: Told, trans: TranslationBundle): string {
  if (problem !== null) {
    const isOver = at !== null;
    if (by === 'mail') {
      return isOver
        ? trans.__('Mail not sent: %1', problem)
        : trans.__('Mail not sent yet: %1', problem);
    }
    return isOver
      ? trans.__('Chat message not sent: %1', problem)
      : trans.__('Chat message not sent yet: %1', problem);
  }
  if (at === null) {
    return by === 'mail' ? trans.__('Mail is being sent') : trans.__('Chat message is being sent');
  }
  if (on === 'started') {
    return by === 'mail'
      ? trans.__('Mail of its start sent %1', clock(at))
      : trans.__('Chat message of its start sent %1', clock(at));
  }
  return by === 'mail'
    ? trans.__('Mail sent %1', clock(at))
    : trans.__('Chat message sent %1', clock(at));
}

function toCome(by: Way, on: Occasion, isByScheduler: boolean, trans: TranslationBundle): string {
  if (by === 'webhook') {
    return {
      started: trans.__('Chat message when it starts'),
      ended: trans.__('Chat message when it ends'),
      failed: trans.__('Chat message if it fails')
    }[on];
  }
  return isByScheduler
    ? {
        started: trans.__('Mail by the scheduler when it starts'),
        ended: trans.__('Mail by the scheduler when it ends'),
        failed: trans.__('Mail by the scheduler if it fails')
      }[on]
    : {
        started: trans.__('Mail when it starts'),
        ended: trans.__('Mail when it ends'),
        failed: trans.__('Mail if it fails')
      }[on];
}
