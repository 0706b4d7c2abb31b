import { RenderMimeRegistry } from '@jupyterlab/rendermime';
import { nullTranslator } from '@jupyterlab/translation';

import type { LogChunk, LogStream } from '../../../api/types';
import { LogSection } from '../../../view/job/log';

describe('LogSection', () => {
  let log: string;
  let asked: [LogStream, number][];
  let section: LogSection;

  const read = async (stream: LogStream, offset: number): Promise<LogChunk> => {
    asked.push([stream, offset]);
    const text = stream === 'stdout' ? log : '';
    const start = offset < 0 ? Math.max(0, text.length + offset) : offset;
    return { text: text.slice(start), next: text.length, size: text.length };
  };
  const shown = () => section.node.querySelector('.jp-Compute-logText')?.textContent;

  beforeEach(() => {
    log = '';
    asked = [];
    const trans = nullTranslator.load('test');
    section = new LogSection({ trans, rendermime: new RenderMimeRegistry(), read });
  });

  afterEach(() => section.dispose());

  it('goes on where it stopped', async () => {
    log = 'one\n';
    await section.read();
    log += 'two\n';
    await section.read();
    expect(shown()).toBe('one\ntwo\n');
    expect(asked.map(([, offset]) => offset)).toEqual([-262144, 4]);
  });

  it('never reads twice at a time, so that nothing is shown twice', async () => {
    log = 'one\n';
    await Promise.all([section.read(), section.read()]);
    expect(shown()).toBe('one\n');
  });

  it('shows what a progress bar looks like now', async () => {
    log = 'start\n10%\r20%\r';
    await section.read();
    log += '30%\nend\r\n';
    await section.read();
    expect(shown()).toBe('start\n30%\nend\n');
  });

  it('shows markup as text and colours as colours', async () => {
    log = '<b>no</b> \u001b[31mred\u001b[0m\n';
    await section.read();
    expect(shown()).toBe('<b>no</b> red\n');
    expect(section.node.querySelector('b')).toBeNull();
    expect(section.node.querySelector('.ansi-red-fg')?.textContent).toBe('red');
  });

  it('starts anew with another log', async () => {
    log = 'one\n';
    await section.read();
    section.node.querySelectorAll('button')[1].click();
    await section.read();
    expect(shown()).toBe('');
    expect(asked[asked.length - 1][0]).toBe('stderr');
    expect(section.node.textContent).toContain('Nothing here yet.');
  });

  it('shows nothing of a log that one has left, nor twice what one came back to', async () => {
    log = `${'x'.repeat(99)}\n`.repeat(1000);
    const [stdout, stderr] = section.node.querySelectorAll('button');
    const first = section.read();
    while (!shown()) {
      await Promise.resolve();
    }
    stderr.click();
    await first;
    await section.read();
    expect(shown()).toBe('');
    stdout.click();
    const second = section.read();
    while (!shown()) {
      await Promise.resolve();
    }
    stderr.click();
    stdout.click();
    await second;
    await section.read();
    expect(shown()).toBe(log);
  });

  it('leaves out the beginning of a long log, and says so', async () => {
    log = `${'x'.repeat(99)}\n`.repeat(5000);
    await section.read();
    expect(shown()).toContain('are left out here');
    expect(shown()?.length).toBeLessThan(300_000);
  });
});
