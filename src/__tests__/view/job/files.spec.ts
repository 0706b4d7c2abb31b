import { nullTranslator } from '@jupyterlab/translation';
import { MessageLoop } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';
import { act } from 'react';

import { click } from '../../../testing/react';
import { FilesSection } from '../../../view/job/files';
import { kindOf } from '../../../view/job/preview';

describe('how a file can be shown', () => {
  it.each([
    ['attempts/1/figure.PNG', 1000, 'image'],
    ['drawing.svg', 1000, 'image'],
    ['job.json', 1000, 'json'],
    ['page.html', 1000, 'text'],
    ['attempts/1/stdout.log', 1000, 'text'],
    ['attempts/1/stdout.log', 2_000_000, null],
    ['huge.png', 30_000_000, null],
    ['model.bin', 10, null],
    ['cancel', 0, null]
  ])('%s of %d bytes: %s', (path, size, kind) => {
    expect(kindOf(path, size)).toBe(kind);
  });
});

describe('FilesSection', () => {
  const contents: Record<string, BlobPart> = {
    'job.json': '{"a":1}',
    'page.html': '<b>bold</b>',
    'broken.json': '{"a":'
  };
  let section: FilesSection;
  const open = jest.fn();
  const urls: string[] = [];

  const settle = async () => {
    for (let times = 0; times < 5; times++) {
      await act(async () => MessageLoop.flush());
    }
  };
  const preview = async (path: string) => {
    click(section.node.querySelector(`[aria-label="Preview ${path}"]`) as Element);
    await settle();
  };
  const shown = () => section.node.querySelector('.jp-Compute-filePreview');

  beforeAll(() => {
    // Neither is there without a browser.
    Object.assign(URL, {
      createObjectURL: (blob: Blob) => urls[urls.push(`blob:${blob.type}`) - 1],
      revokeObjectURL: (url: string) => urls.splice(urls.indexOf(url), 1)
    });
    Object.assign(globalThis, {
      Response: class {
        constructor(private readonly _blob: Blob) {}
        arrayBuffer() {
          return new Promise(resolve => {
            const reader = new FileReader();
            reader.onload = () => resolve(reader.result);
            reader.readAsArrayBuffer(this._blob);
          });
        }
      }
    });
  });

  beforeEach(async () => {
    open.mockReset().mockImplementation(async (path: string) => new Blob([contents[path]]));
    const paths = ['job.json', 'page.html', 'broken.json', 'figure.png', 'model.bin'];
    const modified_at = '2026-03-01T09:00:00Z';
    const files = paths.map(path => ({ path, size: 7, modified_at }));
    section = new FilesSection({
      trans: nullTranslator.load('test'),
      read: async () => ({ files, truncated: false }),
      open,
      urlOf: path => `files/${path}`
    });
    act(() => Widget.attach(section, document.body));
    await act(() => section.read());
    await settle();
  });

  afterEach(() => act(() => section.dispose()));

  it('shows letters as letters, and JSON indented where it is some', async () => {
    await preview('page.html');
    await expectText('<b>bold</b>');
    expect(shown()?.querySelector('pre b')).toBeNull();
    await preview('job.json');
    await expectText('{\n  "a": 1\n}');
    await preview('broken.json');
    await expectText('{"a":');
  });

  it('shows a picture for as long as it is looked at', async () => {
    await preview('figure.png');
    expect(shown()?.querySelector('img')?.getAttribute('src')).toBe('blob:image/png');
    click(section.node.querySelector('[aria-label="Close the preview"]') as Element);
    await settle();
    expect(shown()).toBeNull();
    expect(urls).toEqual([]);
  });

  it('offers none of what it cannot show, and a download of everything', () => {
    expect(section.node.querySelector('[aria-label="Preview model.bin"]')).toBeNull();
    expect(section.node.querySelectorAll('a[download]')).toHaveLength(5);
  });

  it('says what kept it from showing a file', async () => {
    open.mockRejectedValue(new Error('It is gone.'));
    await preview('job.json');
    expect(shown()?.textContent).toContain('It is gone.');
  });

  it('shows what was wished last, whatever comes first', async () => {
    let late: (blob: Blob) => void = () => undefined;
    open.mockReturnValueOnce(new Promise(resolve => (late = resolve)));
    await preview('page.html');
    await preview('job.json');
    late(new Blob(['late']));
    await settle();
    await expectText('{\n  "a": 1\n}');
  });

  /** A file reader takes its time. */
  async function expectText(text: string): Promise<void> {
    const code = () => shown()?.querySelector('pre')?.textContent;
    for (let times = 0; times < 50 && code() !== text; times++) {
      await act(() => new Promise(resolve => setImmediate(resolve)));
    }
    expect(code()).toBe(text);
  }
});
