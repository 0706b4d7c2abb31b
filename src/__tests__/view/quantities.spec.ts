import { readCount, readMemory, readTime, writeMemory, writeTime } from '../../view/quantities';

describe('sizes', () => {
  it.each([
    ['4 GiB', 4096],
    ['4GiB', 4096],
    ['4G', 4096],
    ['4 gb', 4096],
    [' 512 MiB ', 512],
    ['512m', 512],
    ['1.5 GiB', 1536],
    ['1,5 GiB', 1536],
    ['.5g', 512],
    ['1 TiB', 1_048_576],
    ['1 KiB', 1],
    ['1500 kb', 2],
    ['1.0001 MiB', 2],
    ['0 GiB', 0]
  ])('reads %j', (text, mib) => {
    expect(readMemory(text)).toBe(mib);
  });

  it.each([
    '',
    '4',
    '4 GiB 2',
    'GiB',
    '4 Gigs',
    '-4 GiB',
    '1,500 MiB',
    '1.2.3 G',
    '4 bytes',
    '٤ G'
  ])('does not guess at %j', text => {
    expect(readMemory(text)).toBeNull();
  });

  it.each([
    [1, '1 MiB'],
    [1000, '1000 MiB'],
    [1024, '1 GiB'],
    [1100, '1100 MiB'],
    [1536, '1.5 GiB'],
    [4096, '4 GiB'],
    [1_048_576, '1024 GiB']
  ])('writes %i MiB so that it is read again', (mib, text) => {
    expect(writeMemory(mib)).toBe(text);
    expect(readMemory(text)).toBe(mib);
  });
});

describe('times', () => {
  it.each([
    ['90 min', 5400],
    ['90m', 5400],
    ['90 minutes', 5400],
    ['1:30', 5400],
    ['0:05', 300],
    ['1:30:00', 5400],
    ['1:02:03', 3723],
    ['48:00', 172_800],
    ['2-12:00', 216_000],
    ['2-12:00:30', 216_030],
    ['2 d 12:00', 216_000],
    ['2 days', 172_800],
    ['1 week', 604_800],
    ['1.5 h', 5400],
    ['1,5 h', 5400],
    ['1h30', 5400],
    ['1h 30', 5400],
    ['1h30m', 5400],
    ['1 h 30 min 20 s', 5420],
    ['1 hour 30 mins', 5400],
    ['45 s', 45],
    ['0.1 s', 1]
  ])('reads %j', (text, seconds) => {
    expect(readTime(text)).toBe(seconds);
  });

  it.each([
    '',
    '90',
    '1:60',
    '1:2:3:4',
    '5 min 2 h',
    '1 h 1 h',
    'soon',
    '-1 h',
    '1 month',
    '30 min 5',
    '1:',
    'h'
  ])('does not guess at %j', text => {
    expect(readTime(text)).toBeNull();
  });

  it.each([
    [0, '0 s'],
    [90, '1 min 30 s'],
    [1800, '30 min'],
    [5400, '1 h 30 min'],
    [172_800, '2 d'],
    [93_784, '1 d 2 h 3 min 4 s']
  ])('writes %i s so that it is read again', (seconds, text) => {
    expect(writeTime(seconds)).toBe(text);
    expect(readTime(text)).toBe(seconds);
  });
});

it.each([
  ['4', 4],
  [' 12 ', 12],
  ['0', 0],
  ['', null],
  ['4.5', null],
  ['-1', null],
  ['1e3', null],
  ['four', null]
])('reads %j as a count', (text, count) => {
  expect(readCount(text)).toBe(count);
});
