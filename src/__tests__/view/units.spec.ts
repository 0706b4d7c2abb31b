import { nullTranslator } from '@jupyterlab/translation';

import {
  bytes,
  duration,
  fullTime,
  memory,
  moment,
  resources,
  startsIn,
  timeLimit
} from '../../view/units';

const trans = nullTranslator.load('test');
const NOW = new Date(2026, 2, 10, 12, 0, 0).getTime();
const ago = (s: number) => new Date(NOW - s * 1000).toISOString();

describe('duration', () => {
  it.each([
    [0, '0:00'],
    [-5, '0:00'],
    [42, '0:42'],
    [730, '12:10'],
    [4325, '1:12:05'],
    [86400 * 2 + 3 * 3600, '2 d 3:00:00'],
    [86400, '1 d 0:00:00']
  ])('of %d s is %s', (seconds, text) => expect(duration(seconds * 1000)).toBe(text));
});

describe('sizes', () => {
  it.each([
    [512, '512 MiB'],
    [4096, '4 GiB'],
    [1126, '1.1 GiB']
  ])('memory of %d MiB is %s', (mib, text) => expect(memory(mib)).toBe(text));

  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [3400, '3.4 kB'],
    [12_000_000, '12 MB']
  ])('%d bytes are %s', (count, text) => expect(bytes(count)).toBe(text));
});

describe('timeLimit', () => {
  it.each([
    [1800, '30 min'],
    [5400, '1 h 30 min'],
    [86400, '1 d'],
    [45, '45 s'],
    [90061, '1 d 1 h']
  ])('of %d s is %s', (seconds, text) => expect(timeLimit(seconds).flat().join(' ')).toBe(text));
});

describe('resources', () => {
  it('names what was asked for, and not what everybody has', () => {
    const asked = { nodes: 1, tasks: 1, cores: 2, memory_mb: 4096, gpus: 0, walltime_s: 1800 };
    expect(resources(asked, trans).map(part => part.join(' '))).toEqual([
      '2 cores',
      '4 GiB',
      '30 min'
    ]);
  });

  it('names the kind of GPU', () => {
    expect(resources({ gpus: 2, gpu_type: 'a100' }, trans)).toEqual([['2', 'a100']]);
  });
});

describe('moment', () => {
  it('is a clock time today, a word yesterday, a date before', () => {
    expect(moment(ago(3600), NOW, trans)).toBe('11:00');
    expect(moment(ago(20 * 3600), NOW, trans)).toBe('yesterday');
    expect(moment(ago(5 * 86400), NOW, trans)).toMatch(/5/);
  });
});

describe('startsIn', () => {
  it.each([
    [-30, 'would start at once'],
    [120, 'starts in about 2 min'],
    [3 * 3600, 'starts in about 3 h'],
    [3 * 86400, 'starts in about 3 days']
  ])('%d s from now: %s', (seconds, text) =>
    expect(startsIn(ago(-seconds), NOW, trans)).toBe(text)
  );
});

describe('the language of dates', () => {
  const then = new Date(2026, 0, 3, 9, 31).toISOString();

  afterEach(() => {
    document.documentElement.lang = '';
  });

  it.each(['de-DE', 'de_DE'])('is that of JupyterLab: %s', code => {
    document.documentElement.lang = code;
    expect(moment(then, NOW, trans)).toBe('3. Jan.');
    expect(fullTime(then)).toBe('03.01.2026, 09:31:00');
  });

  it.each(['', 'en'])('is the reader’s own where JupyterLab speaks English: “%s”', code => {
    document.documentElement.lang = code;
    const own = new Date(then).toLocaleDateString(undefined, { day: 'numeric', month: 'short' });
    expect(moment(then, NOW, trans)).toBe(own);
  });
});
