import type { TranslationBundle } from '@jupyterlab/translation';

import type { Profile } from '../../api/types';
import type { Choice, IField } from './field';
import { ticks } from './field';

/** How one can be told of a job while no page is open. */
export interface INotifyWays {
  readonly mail: { readonly ok: boolean };
  /** Instead of `mail`, for the types of schedulers that send it themselves. */
  readonly scheduler_mail: { readonly ok: boolean };
  readonly mailing_schedulers: readonly string[];
  readonly mail_to: string | null;
  readonly webhook: { readonly ok: boolean };
  /** What counts unless a request says otherwise. */
  readonly usual: { readonly on: readonly string[]; readonly by: readonly string[] };
}

/** Of what one wants to be told, and how. Nothing where the site has no way. */
export function notifyFields(
  { scheduler }: Profile,
  ways: INotifyWays | null,
  trans: TranslationBundle
): IField[] {
  if (!ways) {
    return [];
  }
  const isByScheduler = ways.mailing_schedulers.includes(scheduler.type);
  const mail = isByScheduler ? ways.scheduler_mail : ways.mail;
  const by: Choice[] = [
    ...(mail.ok
      ? [
          {
            value: 'mail',
            label: ways.mail_to ? trans.__('Mail to %1', ways.mail_to) : trans.__('Mail')
          }
        ]
      : []),
    ...(ways.webhook.ok ? [{ value: 'webhook', label: trans.__('Webhook') }] : [])
  ];
  if (by.length === 0) {
    return [];
  }
  const on: Choice[] = [
    { value: 'started', label: trans.__('it starts') },
    { value: 'ended', label: trans.__('it ends') },
    { value: 'failed', label: trans.__('it fails') }
  ];
  const usual = trans.__('Also with this page closed.');
  const known = ways.usual.by.filter(way => by.some(({ value }) => value === way));
  return [
    ticks('/notify/on', trans.__('Tell me when'), usual, {
      choices: on,
      initial: ways.usual.on.join(' ')
    }),
    ticks('/notify/by', trans.__('… by'), '', { choices: by, initial: known.join(' ') })
  ];
}
