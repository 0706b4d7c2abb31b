import { parser } from '@lezer/python';

import { readLiteral, writeLiteral } from '../../notebook/literals';

describe('a literal of Python', () => {
  it.each([
    ['1', 1],
    ['-1', -1],
    ['+ 2', 2],
    ['1_000', 1000],
    ['0x1f', 31],
    ['0', 0],
    ['1.5', 1.5],
    ['.5', 0.5],
    ['-1e-3', -0.001],
    ['True', true],
    ['None', null],
    ["'a'", 'a'],
    ['"it\'s"', "it's"],
    ["r'\\d'", '\\d'],
    ["'''a\nb'''", 'a\nb'],
    ["'a\\tb\\\\n\\x41\\u00e9\\U0001f642\\101\\''", "a\tb\\nAé🙂A'"],
    ["'a' 'b'", 'ab'],
    ['(1)', 1],
    ['[1, [2, "x"], None]', [1, [2, 'x'], null]],
    ['[1,\n 2,\n]', [1, 2]],
    ['(1, 2)', [1, 2]],
    ['[]', []],
    ['{}', {}],
    ['{"a": 1, \'b\': {"c": [True]}}', { a: 1, b: { c: [true] } }]
  ])('%s', (text, value) => {
    expect(readLiteral(text, parser)).toEqual(value);
  });

  it.each([
    '',
    'x',
    'f(1)',
    '1 + 1',
    '1, 2) + (3',
    '1)\n(2',
    'a = 1',
    "b'a'",
    "f'{x}'",
    "'\\N{BULLET}'",
    '12345678901234567890',
    '1e999',
    '012',
    '1j',
    '-x',
    '[1, x]',
    '{1: 2}',
    '{"a"}',
    '{**a}',
    '[*a]',
    "'a",
    '# a'
  ])('is not %j', text => {
    expect(readLiteral(text, parser)).toBeUndefined();
  });

  it.each([null, true, -1.5, 'it\'s\n"a"\\\u0000', [1, ['x']], { a: [false], "b'": null }])(
    'is written so that it is read again: %j',
    value => {
      expect(readLiteral(writeLiteral(value), parser)).toEqual(value);
    }
  );
});
