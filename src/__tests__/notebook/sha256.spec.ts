import { createHash } from 'crypto';

import { sha256 } from '../../notebook/sha256';

// The bridge hashes the same sources; the digest itself is the library's business.
it.each(['', 'x = 1', 'é 日本語 🙂', 'a\r\nb\u0000', 'long '.repeat(50_000)])(
  'hashes %# as the bridge does: in UTF-8, to hexadecimal',
  text => {
    expect(sha256(text)).toBe(createHash('sha256').update(text, 'utf8').digest('hex'));
  }
);
