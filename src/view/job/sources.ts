import type { FileList } from '../../api/types';

/** A larger notebook is not fetched only to show sources beside outputs. */
const LARGEST_NOTEBOOK = 5_000_000;

interface IReader {
  files(id: string): Promise<FileList>;
  file(id: string, path: string): Promise<string>;
}

/** Sources by cell id, as they were sent. Without them the outputs still stand for themselves. */
export async function readSources(jobs: IReader, id: string): Promise<ReadonlyMap<string, string>> {
  try {
    const { files } = await jobs.files(id);
    const sent = files.find(({ path }) => path === 'input.ipynb');
    if (!sent || sent.size > LARGEST_NOTEBOOK) {
      return new Map();
    }
    const { cells } = JSON.parse(await jobs.file(id, sent.path)) as { cells: SentCell[] };
    return new Map(cells.map(cell => [cell.id, [cell.source].flat().join('')]));
  } catch {
    return new Map();
  }
}

type SentCell = Readonly<{ id: string; source: string | string[] }>;
