import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import { toComputeError } from '../api/errors';

/** A wish failed: say so where it cannot be missed. Toasts do not show everywhere. */
export async function tell(title: string, error: unknown, trans: TranslationBundle): Promise<void> {
  const { problem } = await import('../view/words');
  const known = toComputeError(error);
  await showDialog({
    title,
    body: [problem(known, trans), known.hint].filter(Boolean).join('\n'),
    buttons: [Dialog.okButton({ label: trans.__('Close') })]
  });
}
