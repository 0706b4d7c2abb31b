import type { TranslationBundle } from '@jupyterlab/translation';

/** The context of these texts in the catalogue. */
const CONTEXT = 'server';

/**
 * A sentence that the server made, in the reader's language.
 *
 * `jlpm translations` finds such sentences in the bridge's sources. What holds names or numbers, and what a scheduler
 * said itself, is no such sentence and stays as it is.
 */
export function said(text: string | null | undefined, trans: TranslationBundle): string {
  if (!text || text.includes('%')) {
    // A percent sign would be taken for a place to fill in.
    return text ?? '';
  }
  // eslint-disable-next-line jupyter/no-dynamic-translation -- see above
  return trans._p(CONTEXT, text);
}
