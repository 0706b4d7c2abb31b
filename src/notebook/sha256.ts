import { sha256 as digest } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

/**
 * SHA-256 of a text in UTF-8, in hexadecimal.
 *
 * The browser's own (`crypto.subtle`) is missing on plain http, which is how many laboratories reach their hub, and it is
 * asynchronous, whereas a verdict about a cell must not be older than the commit that follows.
 */
export function sha256(text: string): string {
  return bytesToHex(digest(utf8ToBytes(text)));
}
