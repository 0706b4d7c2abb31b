import type { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { parser } from '@lezer/python';
import type { PartialJSONObject } from '@lumino/coreutils';

import { analysed, missingNames, neededCells } from '../../notebook/needs';
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

describe('the names that will be missed', () => {
  const missed = (sources: string[], run: number[], given: string[] = []): string[] => {
    const cells = sources.map((source, at) => ({ id: String(at), source, tags: [] }));
    return missingNames(analysed(cells, parser), run.map(String), new Set(given)).map(
      ({ name, givenBy }) => (givenBy === null ? name : `${name} of ${givenBy}`)
    );
  };

  it.each<[string, string[], number[], string[]]>([
    ['none', ['x = 1', 'x'], [0, 1], []],
    ['given by no cell', ['y = 1', 'df.head()'], [0, 1], ['df']],
    ['given by a cell that does not run', ['df = 1', 'df = 2', 'df'], [2], ['df of 1']],
    ['given only below', ['df', 'df = 1'], [0, 1], ['df']],
    ['given too late by the order', ['x = 1', 'x'], [1, 0], ['x']],
    ['perhaps given by a star import', ['from a import *', 'x'], [0, 1], []]
  ])('%s', (_, sources, run, names) => {
    expect(missed(sources, run)).toEqual(names);
  });

  it('are not those that are set as parameters', () => {
    expect(missed(['x + y'], [0], ['x'])).toEqual(['y']);
  });
});
