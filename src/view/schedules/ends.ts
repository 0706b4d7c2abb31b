import type { TranslationBundle } from '@jupyterlab/translation';

import type { JobState, MissedRun, Schedule } from '../../api/types';
import type { Tone } from '../words';

/** How the last run stands; null: its job was deleted. */
export function sentenceOf(
  state: JobState | null,
  trans: TranslationBundle
): { words: string; tone: Tone } {
  switch (state) {
    case null:
      return { words: trans.__('its job was deleted'), tone: 'quiet' };
    case 'submitting':
    case 'queued':
      return { words: trans.__('waiting'), tone: 'waiting' };
    case 'held':
      return { words: trans.__('held'), tone: 'waiting' };
    case 'running':
    case 'completing':
      return { words: trans.__('running'), tone: 'running' };
    case 'succeeded':
      return { words: trans.__('done'), tone: 'good' };
    case 'failed':
      return { words: trans.__('failed'), tone: 'bad' };
    case 'cancelled':
      return { words: trans.__('cancelled'), tone: 'quiet' };
    case 'unknown':
      return { words: trans.__('lost sight of'), tone: 'quiet' };
  }
}

/** Why a run was not sent. */
export function missedWords(
  { due_at, why }: MissedRun,
  { problem }: Pick<Schedule, 'problem'>,
  trans: TranslationBundle
): string {
  switch (why) {
    case 'no_server':
      return trans.__('Missed: no Jupyter server was running');
    case 'still_running':
      return trans.__('Left out: the run before had not ended');
    case 'not_sent':
      return problem?.due_at === due_at
        ? trans.__('Not sent: %1', problem.text)
        : trans.__('It could not be sent');
  }
}
