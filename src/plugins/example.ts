import { PathExt } from '@jupyterlab/coreutils';
import type { ServiceManager } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';

/** Saves an example notebook as a new file and says where. An older one is left alone. */
export async function makeExample(
  { contents, kernelspecs }: ServiceManager.IManager,
  trans: TranslationBundle
): Promise<string> {
  await kernelspecs.ready;
  const specs = Object.values(kernelspecs.specs?.kernelspecs ?? {});
  const python = specs.find(spec => spec?.language === 'python');
  if (!python) {
    throw new Error(trans.__('There is no Python kernel on this server.'));
  }
  const markdown = (text: string) => ({ cell_type: 'markdown', metadata: {}, source: text });
  const code = (...lines: string[]) => ({
    cell_type: 'code',
    metadata: {},
    execution_count: null,
    outputs: [],
    source: lines.join('\n')
  });
  const cells = [
    markdown(
      trans.__(
        'Select the last cell and press “Run 1 cell” in the Compute panel. It runs in the background, with the cell that it needs before it, and its output comes back below it.'
      )
    ),
    code('import random', '', 'points = 2_000_000'),
    code('print("not needed by the cell below, so it stays here")'),
    code(
      'inside = 0',
      'for part in range(1, 11):',
      '    for _ in range(points // 10):',
      '        inside += random.random() ** 2 + random.random() ** 2 < 1',
      '    print(f"{part * 10:3d} %   π ≈ {4 * inside / (points * part / 10):.5f}", flush=True)'
    )
  ].map((cell, index) => ({ ...cell, id: `example-${index + 1}` }));
  const made = await contents.newUntitled({ type: 'notebook' });
  const path = await renamed(contents, made.path);
  const kernelspec = {
    name: python.name,
    display_name: python.display_name,
    language: python.language
  };
  await contents.save(path, {
    type: 'notebook',
    format: 'json',
    content: { cells, metadata: { kernelspec }, nbformat: 4, nbformat_minor: 5 }
  });
  return path;
}

async function renamed(contents: ServiceManager.IManager['contents'], path: string) {
  const name = PathExt.join(PathExt.dirname(path), 'compute-example.ipynb');
  const folder = await contents.get(PathExt.dirname(path));
  const names = (folder.content as { path: string }[]).map(item => item.path);
  return names.includes(name) ? path : (await contents.rename(path, name)).path;
}
