import { createHash } from 'crypto';

import { sha256 } from '../../notebook/sha256';

describe('sha256', () => {
  const lengths = [0, 1, 3, 55, 56, 63, 64, 65, 119, 120, 128, 1000, 100_000];

  it.each(lengths)('agrees with node on %i characters', length => {
    const text = Array.from({ length }, (_, at) => String.fromCodePoint(97 + (at % 26))).join('');
    expect(sha256(text)).toBe(createHash('sha256').update(text, 'utf8').digest('hex'));
  });

  it.each(['é', '日本語 = 1', '🙂', 'a\r\nb', '\u0000'])('takes %j as UTF-8', text => {
    expect(sha256(text)).toBe(createHash('sha256').update(text, 'utf8').digest('hex'));
  });
});
