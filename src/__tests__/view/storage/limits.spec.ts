import { nullTranslator } from '@jupyterlab/translation';

import { firstTexts, limitFields, limitsOf, size } from '../../../view/storage/limits';

const fields = limitFields(nullTranslator.load('test'));
const stored = (keep: Partial<Parameters<typeof firstTexts>[0]['keep']> = {}) =>
  ({ keep: { days: null, jobs: null, bytes: null, ...keep } }) as Parameters<typeof firstTexts>[0];

describe('limits', () => {
  it.each([
    [{ '/days': '30' }, { days: 30 }],
    [{ '/days': '1,5' }, { days: 1.5 }],
    [{ '/days': '0' }, { days: 0 }],
    [{ '/jobs': '100', '/days': ' ' }, { jobs: 100 }],
    [{ '/bytes': '20 GiB' }, { bytes: 20 * 1024 ** 3 }],
    [{ '/bytes': '1.5' }, { bytes: 1.5 * 1024 ** 3 }],
    [
      { '/bytes': '500 MB', '/jobs': '7' },
      { bytes: 500 * 1024 ** 2, jobs: 7 }
    ]
  ])('%j means %j', (texts, limits) => {
    expect(limitsOf(fields, texts, false)).toEqual({ ...limits, even_only_copies: false });
  });

  it.each<Record<string, string>>([
    {},
    { '/days': '' },
    { '/days': 'a month' },
    { '/days': '-1' },
    { '/days': '40000' },
    { '/jobs': '1.5', '/days': '30' },
    { '/bytes': 'much', '/days': '30' }
  ])('%j means nothing, so that nothing goes by mistake', texts => {
    expect(limitsOf(fields, texts, true)).toBeNull();
  });

  it('begin with what the settings keep, else with a month', () => {
    expect(firstTexts(stored())).toEqual({ '/days': '30', '/jobs': '', '/bytes': '' });
    expect(firstTexts(stored({ jobs: 9, bytes: 3 * 1024 ** 3 }))).toEqual({
      '/days': '',
      '/jobs': '9',
      '/bytes': '3 GiB'
    });
  });

  it('sizes are told in GiB', () => {
    expect([0, 90_000, 5 * 1024 ** 2, 3.2 * 1024 ** 3].map(size)).toEqual([
      '0 B',
      '90 kB',
      '5 MiB',
      '3.2 GiB'
    ]);
  });
});
