import { framePromise, waitForDialog } from '@jupyterlab/testing';

/** The words of the dialog that opens, once they are drawn. */
export async function openedDialog(): Promise<HTMLElement> {
  await waitForDialog();
  const dialog = document.querySelector<HTMLElement>('.jp-Dialog') as HTMLElement;
  const body = dialog.querySelector('.jp-Dialog-body');
  while (!body?.textContent) {
    await framePromise();
  }
  return dialog;
}
