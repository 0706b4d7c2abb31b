import { code, patient } from '../rest';
import { expect, test, type Host, type Tab } from './host';

type Output = { output_type: string; text?: string | string[]; data?: Record<string, unknown> };

const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

const BAR = String.raw`import time
for n in range(0, 101, 10):
    print(f"\r{n} %", end="", flush=True)
    time.sleep(0.02)`;

const PICTURE = `import base64
from IPython.display import Image
display(Image(data=base64.b64decode("${PNG}")))
6 * 7`;

/** A text in two pieces, a progress bar, a picture and a value, an error. */
function cells(gate: string) {
  return [patient(gate), BAR, PICTURE, 'raise ValueError("on purpose")'].map(each => code(each));
}

const ONCE = [
  ['it began\nit went on\n'],
  ['100 %'],
  ['image/png,text/plain', 'text/plain'],
  ['error']
];

/** Of two tabs that would write, the server refuses one. */
const REFUSED = /409 POST .*\/applied/;

/** The outputs that each cell of the file has. */
function outputs(host: Host, path: string): string[][] {
  const { cells } = JSON.parse(host.read(path)) as { cells: { outputs: Output[] }[] };
  const word = ({ output_type, text, data }: Output) =>
    text !== undefined
      ? [text].flat().join('')
      : data
        ? Object.keys(data).sort().join()
        : output_type;
  return cells.map(({ outputs }) => outputs.map(word));
}

/** The document of that tab has them, and no view of a job stands in its place. */
async function seesOnce({ notebook, page }: Tab): Promise<void> {
  await expect(page.locator('.jp-Compute-mod-live')).toHaveCount(0);
  await expect(notebook.output(0)).toHaveText('it began\nit went on');
  await expect(notebook.output(1)).toHaveText('100 %');
  await expect(notebook.output(2)).toHaveCount(2);
  await expect(notebook.output(3)).toHaveCount(1);
}

test('two tabs show what cells print; it comes into the file once', async ({
  host,
  open,
  rest
}) => {
  const path = 'stay.ipynb';
  await rest.save(path, cells('stay.gate'));
  const [one, two] = [await open(path), await open(path)];
  await one.notebook.select(0, 3);
  await one.panel.runCells.click();
  await expect(one.notebook.output(0)).toHaveText('it began');
  await expect(two.notebook.output(0)).toHaveText('it began');
  host.openGate('stay.gate');
  await expect.poll(() => outputs(host, path)).toEqual(ONCE);
  await seesOnce(one);
  await seesOnce(two);

  // The document of both is saved once more, whatever they still have to say.
  await two.notebook.type(3, '"later"');
  await expect.poll(() => host.read(path)).toContain('later');
  expect(outputs(host, path)).toEqual(ONCE);
});

test('one tab is closed and the other loaded anew while cells run', async ({
  host,
  open,
  rest
}) => {
  const path = 'go.ipynb';
  await rest.save(path, cells('go.gate'));
  const [one, two] = [await open(path), await open(path)];
  await one.notebook.select(0, 3);
  await one.panel.runCells.click();
  await expect(two.notebook.output(0)).toHaveText('it began');
  await one.page.close();
  await two.reload();
  await expect(two.notebook.output(0)).toHaveText('it began');
  host.openGate('go.gate');
  await expect.poll(() => outputs(host, path)).toEqual(ONCE);
  await seesOnce(two);
  expect(two.complaints).toEqual([]);
  expect(host.complaints.filter(line => !REFUSED.test(line))).toEqual([]);
});
