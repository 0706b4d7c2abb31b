import type { TranslationBundle } from '@jupyterlab/translation';
import { nullTranslator } from '@jupyterlab/translation';

import { aJob } from '../../testing/builders';
import { said } from '../../view/said';
import { sentence } from '../../view/words';

const KNOWN: Readonly<Record<string, string>> = {
  'Jobs with a higher priority are ahead of it.': 'Andere sind vor ihm an der Reihe.'
};
const german = {
  ...nullTranslator.load('test'),
  __: (text: string) => text,
  _p: (context: string, text: string) => (context === 'server' && KNOWN[text]) || text
} as TranslationBundle;

describe('what the server says', () => {
  const text = 'Jobs with a higher priority are ahead of it.';

  it('is in the reader’s language where the catalogue knows the sentence', () => {
    expect(said(text, german)).toBe('Andere sind vor ihm an der Reihe.');
    const job = aJob({ state: 'queued', reason: { code: 'priority', text } });
    expect(sentence(job, german, 'slurm-a').rest).toContain('Andere sind vor ihm an der Reihe');
  });

  it('stays as it is where it does not', () => {
    expect(said('Node n3 is on fire.', german)).toBe('Node n3 is on fire.');
    expect(said(null, german)).toBe('');
  });

  it('keeps its percent signs', () => {
    const scheduler = 'The scheduler says: 100%1 of /scratch is used';
    expect(said(scheduler, nullTranslator.load('test'))).toBe(scheduler);
  });
});
