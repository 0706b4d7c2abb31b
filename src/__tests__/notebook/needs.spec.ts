import type { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { parser } from '@lezer/python';
import type { PartialJSONObject } from '@lumino/coreutils';

import { neededCells } from '../../notebook/needs';
import { aCell, closeNotebook, openNotebook } from './notebooks';

const python = { support: { language: { parser } } };
const languages = {
  findByMIME: () => python,
  getLanguage: async () => python
} as unknown as IEditorLanguageRegistry;

describe('the cells that a cell needs', () => {
  let panel: NotebookPanel;

  afterEach(() => closeNotebook(panel));

  const neededIn = async (metadata: PartialJSONObject): Promise<string[] | null> => {
    panel = await openNotebook([aCell('a', 'x = 1'), aCell('b', 'y = 1'), aCell('c', 'x')]);
    for (const [name, value] of Object.entries(metadata)) {
      panel.context.model.sharedModel.setMetadata(name, value!);
    }
    return (await neededCells(panel, ['c'], languages))?.ids ?? null;
  };
  const kernelspec = (language: string) => ({ name: 'k', display_name: 'K', language });

  it('are found in a notebook that says nothing of its language', async () => {
    expect(await neededIn({})).toEqual(['a']);
  });

  it('are found before the kernel has told its language', async () => {
    const metadata = { kernelspec: kernelspec('python'), language_info: { name: '' } };
    expect(await neededIn(metadata)).toEqual(['a']);
  });

  it('cannot be found in another language', async () => {
    expect(await neededIn({ kernelspec: kernelspec('R'), language_info: { name: '' } })).toBeNull();
    closeNotebook(panel);
    expect(await neededIn({ language_info: { name: 'R' } })).toBeNull();
  });
});
