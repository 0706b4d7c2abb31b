import { nullTranslator } from '@jupyterlab/translation';

import type { Job } from '../../../api/types';
import { aJob } from '../../../testing/builders';
import { tellings } from '../../../view/notify/words';
import { clock } from '../../../view/units';

const trans = nullTranslator.load('jupyterlab_compute');
const AT = '2026-03-01T14:02:00Z';

describe('what was told of a job', () => {
  const wishes = (change: Partial<Job['notify']>): Job['notify'] => ({
    on: ['ended'],
    by: ['mail'],
    mail_by: 'server',
    ...change
  });

  it.each<[Partial<Job>, string[]]>([
    [{}, []],
    [{ notify: wishes({}) }, ['Mail when it ends']],
    [{ notify: wishes({ mail_by: 'scheduler' }) }, ['Mail by the scheduler when it ends']],
    [
      { notify: wishes({ on: ['started', 'failed'], by: ['mail', 'webhook'] }) },
      [
        'Mail when it starts',
        'Mail if it fails',
        'Chat message when it starts',
        'Chat message if it fails'
      ]
    ],
    [{ notify: wishes({ on: ['ended', 'failed'] }) }, ['Mail when it ends']],
    [
      {
        notify: wishes({ on: ['started', 'ended'] }),
        notified: [{ by: 'mail', on: 'started', at: AT, problem: null }]
      },
      [`Mail of its start sent ${clock(AT)}`, 'Mail when it ends']
    ],
    [{ state: 'succeeded', notify: wishes({ on: ['failed'] }) }, []]
  ])('says what is to come: %j', (change, lines) => {
    expect(tellings(aJob({ state: 'running', ...change }), trans)).toEqual(lines);
  });

  it.each<[Job['notified'][number], string]>([
    [{ by: 'mail', on: 'ended', at: AT, problem: null }, `Mail sent ${clock(AT)}`],
    [{ by: 'webhook', on: 'failed', at: AT, problem: null }, `Chat message sent ${clock(AT)}`],
    [{ by: 'webhook', on: 'ended', at: null, problem: null }, 'Chat message is being sent'],
    [
      { by: 'mail', on: 'ended', at: null, problem: 'The mail server gave no answer.' },
      'Mail not sent yet: The mail server gave no answer.'
    ],
    [
      { by: 'webhook', on: 'ended', at: AT, problem: 'The webhook answered 404.' },
      'Chat message not sent: The webhook answered 404.'
    ]
  ])('says how it went: %j', (told, line) => {
    expect(tellings(aJob({ state: 'succeeded', notified: [told] }), trans)).toEqual([line]);
  });
});
