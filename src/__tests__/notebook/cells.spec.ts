import type { ISharedCodeCell } from '@jupyter/ydoc';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { NotebookActions } from '@jupyterlab/notebook';
import type { Contents } from '@jupyterlab/services';
import { nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';

import type { Job } from '../../api/types';
import { LiveCells } from '../../notebook/cells';
import { cellsSource } from '../../notebook/source';
import { aCellsJob, event, FakeJobs, refused } from './fakejobs';
import {
  aCell,
  aNotebook,
  closeNotebook,
  inDocument,
  inView,
  openNotebook,
  stream
} from './notebooks';

const files = new Set<string>();
const contents = {
  driveName: () => '',
  localPath: (path: string) => path,
  fileChanged: new Signal<unknown, unknown>({}),
  get: async (path: string) => {
    if (!files.has(path)) {
      throw Object.assign(new Error('Not found'), { response: { status: 404 } });
    }
  }
} as unknown as Contents.IManager;
const rename = (from: string, to: string) =>
  (contents.fileChanged as Signal<unknown, unknown>).emit({
    type: 'rename',
    oldValue: { path: from },
    newValue: { path: to }
  });
const SOURCES = { a: 'print(1)', b: 'print(2)', c: 'print(3)' };

describe('LiveCells', () => {
  let jobs: FakeJobs;
  let cells: LiveCells;
  let panel: NotebookPanel;
  let opened: string[];
  let problems: unknown[];
  let news: string[];
  /** What the file holds when the notebook is reloaded. */
  let reload: () => void;

  function newCells(): LiveCells {
    return new LiveCells({
      jobs: jobs.asJobs,
      contents,
      trans: nullTranslator.load('jupyterlab_compute'),
      page: 'this-page',
      titleOf: name => (name === 'short' ? 'Short queue' : name),
      openJob: id => opened.push(id),
      reload: async () => reload(),
      onNews: text => news.push(text),
      onProblem: problem => problems.push(problem)
    });
  }

  async function open(path?: string): Promise<NotebookPanel> {
    jest.useRealTimers();
    const next = await openNotebook(
      Object.entries(SOURCES).map(([id, source]) => aCell(id, source, [stream(`old ${id}\n`)])),
      path
    );
    jest.useFakeTimers({ now: new Date('2026-03-01T09:00:42Z') });
    return next;
  }

  /** Time passes, and what was promised is kept. */
  async function pass(ms = 1000): Promise<void> {
    await jest.advanceTimersByTimeAsync(ms);
  }

  function cellNode(id: string): HTMLElement {
    return panel.content.widgets.find(({ model }) => model.id === id)!.node;
  }

  function badge(id: string): HTMLElement | null {
    const all = cellNode(id).querySelectorAll<HTMLElement>('.jp-Compute-badge');
    expect(all.length).toBeLessThan(2);
    return all[0] ?? null;
  }

  function says(id: string): string | undefined {
    return badge(id)?.querySelector('.jp-Compute-badge-text')?.textContent ?? undefined;
  }

  /** What the live view of a cell shows; null without one. */
  function live(id: string): string | null {
    const all = cellNode(id).querySelectorAll('.jp-Compute-outputs');
    expect(all.length).toBeLessThan(2);
    expect(cellNode(id).classList.contains('jp-Compute-mod-live')).toBe(all.length === 1);
    return all[0]?.textContent ?? null;
  }

  function press(id: string, what: 'main' | 'offer'): void {
    badge(id)!.querySelector<HTMLElement>(`.jp-Compute-badge-${what}`)!.click();
  }

  function edit(id: string, source: string): void {
    panel.context.model.sharedModel.cells.find(cell => cell.getId() === id)!.setSource(source);
  }

  /** The notebook is open and this job of it runs. */
  async function running(
    sources: Record<string, string> = { a: SOURCES.a, b: SOURCES.b },
    before: string[] = []
  ): Promise<void> {
    jobs.put(aCellsJob(sources, {}, before));
    await cells.add(panel);
    await pass();
  }

  beforeEach(async () => {
    files.clear();
    jobs = new FakeJobs();
    opened = [];
    problems = [];
    news = [];
    panel = await open();
    cells = newCells();
  });

  afterEach(() => {
    cells.dispose();
    closeNotebook(panel);
    jest.useRealTimers();
  });

  describe('sending', () => {
    let resolve: (job: Job) => void;
    let reject: (error: Error) => void;

    beforeEach(async () => {
      await cells.add(panel);
      const answer = new Promise<Job>((yes, no) => {
        [resolve, reject] = [yes, no];
      });
      const source = cellsSource(panel, contents, ['a', 'b']);
      jobs.sending.emit({ request: { key: 'key-1234', profile: 'short', source }, answer });
      await pass(0);
    });

    it('marks the cells before the server answers', () => {
      expect(says('a')).toBe('Short queue · sending');
      expect(badge('b')?.dataset.state).toBe('waiting');
      expect(badge('c')).toBeNull();
      expect(live('a')).toBeNull();
    });

    it('goes on with the job when it does', async () => {
      const job = aCellsJob({ a: SOURCES.a, b: SOURCES.b }, { state: 'queued', started_at: null });
      jobs.put(job);
      jobs.changed.emit();
      resolve(job);
      await pass(0);
      expect(says('a')).toBe('Short queue · waiting 0:41');
      press('a', 'main');
      expect(opened).toEqual([job.id]);
      press('a', 'offer');
      expect(jobs.cancelled).toEqual([job.id]);
    });

    it('says that it failed until that is dismissed', async () => {
      reject(new Error('The queue is closed.'));
      await pass(0);
      expect(says('a')).toBe('Not sent: The queue is closed.');
      expect(badge('a')?.dataset.state).toBe('failed');
      press('a', 'offer');
      await pass(0);
      expect(badge('a')).toBeNull();
      expect(badge('b')).toBeNull();
    });
  });

  describe('while it runs', () => {
    it('asks for outputs only when the job has started', async () => {
      jobs.put(aCellsJob({ a: SOURCES.a }, { state: 'queued' }));
      await cells.add(panel);
      await pass(10_000);
      expect(jobs.asked).toBe(0);
      jobs.tell({ state: 'running' });
      await pass(10_000);
      expect(jobs.asked).toBeGreaterThan(10);
      expect(jobs.asked).toBeLessThan(20);
      expect(jobs.users).toBe(1);
    });

    it('shows outputs below the cell and leaves the document alone', async () => {
      await running();
      const changes = jest.fn();
      panel.context.model.sharedModel.changed.connect(changes);
      panel.context.model.contentChanged.connect(changes);
      expect(live('a')).toBeNull();
      jobs.give(event.started('a'), event.text('a', 'one\n'));
      await pass();
      expect(live('a')).toContain('one');
      expect(badge('a')?.dataset.state).toBe('running');
      jobs.give(event.text('a', 'two\n'), event.ended('a'), event.started('b'));
      await pass();
      expect(live('a')).toContain('one\ntwo');
      expect(says('a')).toBe('Short queue · done 1:12');
      expect(live('b')).toBeNull();
      expect(changes).not.toHaveBeenCalled();
      expect(panel.context.model.dirty).toBe(false);
      expect(inView(panel, 'a')).toEqual([stream('old a\n')]);
    });

    it('counts the time', async () => {
      await running({ a: SOURCES.a });
      jobs.give(event.started('a'));
      await pass(1000);
      const before = says('a');
      await pass(3000);
      expect(before).toMatch(/^Short queue · 0:4\d$/);
      expect(says('a')).not.toBe(before);
    });

    it('follows a cell that is moved', async () => {
      await running();
      jobs.give(event.started('a'), event.text('a', 'one\n'));
      await pass();
      panel.context.model.sharedModel.moveCell(0, 2);
      await pass();
      expect(live('a')).toContain('one');
      expect(says('a')).toBeDefined();
    });

    it('goes on after the notebook was closed and opened again', async () => {
      await running();
      jobs.give(event.started('a'), event.text('a', 'one\n'));
      await pass();
      closeNotebook(panel);
      const { asked } = jobs;
      await pass(5000);
      expect(jobs.asked).toBe(asked);
      expect(jobs.users).toBe(0);
      panel = await open();
      jobs.give(event.text('a', 'two\n'));
      await cells.add(panel);
      await pass();
      expect(live('a')).toContain('one\ntwo');
      expect(jobs.users).toBe(1);
    });

    it('is found again by another page', async () => {
      jobs.put(aCellsJob({ a: SOURCES.a }));
      jobs.give(event.started('a'), event.text('a', 'one\n'));
      await cells.add(panel);
      await pass();
      expect(live('a')).toContain('one');
    });

    it('goes with the notebook when that is renamed', async () => {
      await running();
      jobs.give(event.started('a'), event.text('a', 'one\n'));
      await pass();
      await panel.context.rename('b.ipynb');
      await pass();
      expect(panel.context.path).toBe('b.ipynb');
      jobs.give(event.ended('a'), event.ended('b'));
      jobs.tell({ state: 'succeeded' });
      await pass();
      expect(inDocument(panel, 'a')).toEqual([stream('one\n')]);
    });

    it('goes with a notebook that is renamed while it is closed, or its folder', async () => {
      await running();
      jobs.give(event.started('a'), event.text('a', 'one\n'));
      await pass();
      closeNotebook(panel);
      rename('a.ipynb', 'old/b.ipynb');
      rename('old', 'new');
      panel = await open('new/b.ipynb');
      await cells.add(panel);
      await pass();
      expect(live('a')).toContain('one');
    });

    it('takes no output twice when it is told of the job while it reads', async () => {
      await running({ a: SOURCES.a });
      jobs.delayMs = 300;
      jobs.tell({});
      await pass(500);
      jobs.give(event.started('a'), event.text('a', 'one\n'));
      // The next read in turn is on its way.
      await pass(650);
      jobs.tell({});
      await pass();
      expect(live('a')).toBe('one\n');
    });

    it('reads on at once when the server is there again', async () => {
      await running({ a: SOURCES.a });
      const read = jest.spyOn(jobs, 'outputs').mockRejectedValue(new Error('away'));
      await pass(300_000);
      jobs.snapshot = { ...jobs.snapshot, error: new Error('away') } as never;
      jobs.changed.emit();
      read.mockRestore();
      jobs.give(event.started('a'), event.text('a', 'one\n'));
      jobs.snapshot = { ...jobs.snapshot, error: null };
      jobs.changed.emit();
      await pass(200);
      expect(live('a')).toBe('one\n');
    });

    it('starts anew with another attempt', async () => {
      await running();
      jobs.give(event.started('a'), event.text('a', 'one\n'));
      await pass();
      jobs.attempt = 2;
      jobs.events.clear();
      jobs.give(event.started('a'), event.text('a', 'again\n'));
      await pass();
      expect(live('a')).toBe('again\n');
    });

    it('leaves the cell to a run in the own kernel', async () => {
      await running();
      jobs.give(event.started('a'), event.text('a', 'one\n'));
      await pass();
      const [cell] = panel.content.widgets;
      (NotebookActions.executionScheduled as Signal<unknown, unknown>).emit({
        notebook: panel.content,
        cell
      });
      await pass();
      expect(live('a')).toBeNull();
      jobs.give(event.ended('a'), event.started('b'), event.text('b', 'two\n'), event.ended('b'));
      jobs.tell({ state: 'succeeded' });
      await pass();
      expect(inDocument(panel, 'a')).toEqual([stream('old a\n')]);
      expect(inDocument(panel, 'b')).toEqual([stream('two\n')]);
      expect(says('a')).toBe('ran here meanwhile · show result');
      press('a', 'main');
      await pass();
      expect(inDocument(panel, 'a')).toEqual([stream('one\n')]);
    });
  });

  describe('sent from a notebook that had another name', () => {
    const job = (sources: Record<string, string> = { a: SOURCES.a, b: SOURCES.b }) => {
      const sent = aCellsJob(sources);
      return { ...sent, source: { ...sent.source, path: 'old.ipynb' } };
    };
    const meet = async (sent: Job) => {
      await cells.add(panel);
      jobs.put(sent);
      jobs.give(event.started('a'), event.text('a', 'one\n'));
      jobs.changed.emit();
      await pass();
    };

    it('says so, and writes what the user takes for the notebook’s own', async () => {
      await meet(job());
      expect(says('a')).toMatch(/^Short queue · 0:4\d · sent from “old.ipynb” · show result$/);
      expect(live('a')).toBeNull();
      jobs.give(event.ended('a'), event.started('b'), event.text('b', 'two\n'), event.ended('b'));
      jobs.tell({ state: 'succeeded' });
      await pass();
      expect(says('a')).toBe('sent from “old.ipynb” · show result');
      expect(jobs.claims).toEqual([]);
      press('a', 'main');
      await pass();
      expect(inDocument(panel, 'a')).toEqual([stream('one\n')]);
      expect(inDocument(panel, 'b')).toEqual([stream('two\n')]);
    });

    it('leaves it to the notebook of that name while there is one', async () => {
      files.add('old.ipynb');
      await meet(job());
      expect(badge('a')).toBeNull();
      files.clear();
      rename('old.ipynb', 'elsewhere.txt');
      jobs.tell({});
      await pass();
      expect(badge('a')).not.toBeNull();
    });

    it('does not choose between two that are as like', async () => {
      const copy = await open('copy.ipynb');
      await cells.add(copy);
      await meet(job());
      expect(badge('a')).toBeNull();
      closeNotebook(copy);
      jobs.tell({});
      await pass();
      expect(badge('a')).not.toBeNull();
    });

    it.each<[string, Record<string, string>]>([
      ['a cell is missing', { a: SOURCES.a, gone: 'x' }],
      ['every cell was changed', { a: 'print(9)', b: 'print(8)' }]
    ])('is not found when %s', async (_, sources) => {
      await meet(job(sources));
      expect(badge('a')).toBeNull();
    });

    it('decides nothing for the other notebook when its mark is taken away', async () => {
      await meet(job());
      jobs.give(event.ended('a'), event.ended('b'));
      jobs.tell({ state: 'succeeded' });
      await pass();
      press('a', 'offer');
      press('b', 'offer');
      await pass();
      expect(badge('a')).toBeNull();
      expect(jobs.claims).toEqual([]);
    });
  });

  describe('at the end', () => {
    async function finish(change: Partial<Job> = {}): Promise<void> {
      jobs.give(event.started('a'), event.text('a', 'one\n'), event.ended('a', 'ok', 5));
      jobs.give(event.started('b'), event.text('b', 'two\n'), event.ended('b', 'ok', 6));
      jobs.tell({ state: 'succeeded', ...change });
      await pass();
    }

    it('commits once: claims, writes, says that it is done', async () => {
      await running();
      await finish();
      expect(jobs.claims).toEqual([
        ['this-page', false],
        ['this-page', true]
      ]);
      expect(inDocument(panel, 'a')).toEqual([stream('one\n')]);
      expect(inView(panel, 'a')).toEqual([stream('one\n')]);
      expect(inDocument(panel, 'b')).toEqual([stream('two\n')]);
      expect(inDocument(panel, 'c')).toEqual([stream('old c\n')]);
      expect(panel.context.model.dirty).toBe(true);
      expect(live('a')).toBeNull();
      expect(says('a')).toBe('Short queue · done 1:12');
      expect(jobs.users).toBe(0);
      const { asked } = jobs;
      await pass(60_000);
      expect(jobs.asked).toBe(asked);
      expect(jobs.claims).toHaveLength(2);
    });

    describe('of cells that take long to draw', () => {
      const { MessageChannel } = globalThis;
      /** What happens when the page has its turn. */
      let turn: () => void;

      beforeEach(() => {
        let now = 0;
        // Each look at the clock is a slice later.
        jest.spyOn(performance, 'now').mockImplementation(() => (now += 60));
        globalThis.MessageChannel = class {
          readonly port1 = { onmessage: () => undefined, close: () => undefined };
          readonly port2 = {
            postMessage: () =>
              queueMicrotask(() => {
                turn();
                this.port1.onmessage();
              })
          };
        } as never;
      });

      afterEach(() => {
        globalThis.MessageChannel = MessageChannel;
        jest.restoreAllMocks();
      });

      it('lets the page have its turn between them, and says that it is done after the last', async () => {
        const shown: [unknown, unknown][] = [];
        turn = () => shown.push([live('a'), live('b')]);
        await running();
        await finish();
        expect(shown).toContainEqual([null, 'two\n']);
        expect(inDocument(panel, 'a')).toEqual([stream('one\n')]);
        expect(inDocument(panel, 'b')).toEqual([stream('two\n')]);
        expect(jobs.claims.map(([, done]) => done)).toEqual([false, true]);
      });

      it('claims again for those that were left when the notebook was closed', async () => {
        turn = () => {
          turn = () => undefined;
          closeNotebook(panel);
        };
        await running();
        await finish();
        expect(jobs.claims.map(([, done]) => done)).toEqual([false]);
        panel = await open();
        await cells.add(panel);
        await pass();
        // Opened anew from the disk, where nothing of it was saved.
        expect(inDocument(panel, 'a')).toEqual([stream('one\n')]);
        expect(inDocument(panel, 'b')).toEqual([stream('two\n')]);
        expect(jobs.claims.map(([, done]) => done)).toEqual([false, false, true]);
      });

      it('writes again what was read from the disk in between', async () => {
        turn = () => {
          turn = () => undefined;
          const model = panel.content.model!;
          model.fromJSON(before as never);
        };
        await running();
        const before = panel.content.model!.toJSON();
        await finish();
        expect(inDocument(panel, 'a')).toEqual([stream('one\n')]);
        expect(inDocument(panel, 'b')).toEqual([stream('two\n')]);
        expect(jobs.claims.map(([, done]) => done)).toEqual([false, true]);
      });

      it('tries again when a cell could not be written', async () => {
        turn = () => undefined;
        const said = jest.spyOn(console, 'error').mockImplementation(() => undefined);
        await running();
        const shared = panel.content.model!.cells.get(0).sharedModel as ISharedCodeCell;
        const write = shared.updateOutputs.bind(shared);
        let isBad = true;
        jest.spyOn(shared, 'updateOutputs').mockImplementation((from, to, outputs) => {
          if (isBad && JSON.stringify(outputs).includes('one')) {
            isBad = false;
            throw new Error('a bad change');
          }
          write(from, to, outputs);
        });
        await finish();
        expect(said).toHaveBeenCalledTimes(1);
        expect(jobs.claims.map(([, done]) => done)).toEqual([false]);
        await pass(6000);
        expect(inDocument(panel, 'a')).toEqual([stream('one\n')]);
        expect(inDocument(panel, 'b')).toEqual([stream('two\n')]);
        expect(jobs.claims.map(([, done]) => done)).toEqual([false, false, true]);
      });

      it('claims again in time, and stops when another window has it', async () => {
        turn = () => {
          jest.spyOn(performance, 'now').mockReturnValue(21_000);
          jobs.onClaim = () => {
            throw refused();
          };
        };
        await running();
        await finish();
        expect(jobs.claims.map(([, done]) => done)).toEqual([false, false]);
        expect(inDocument(panel, 'b')).toEqual([stream('old b\n')]);
      });
    });

    it('takes the mark away when asked to', async () => {
      await running();
      await finish();
      press('a', 'offer');
      await pass();
      expect(badge('a')).toBeNull();
      expect(badge('b')).not.toBeNull();
      expect(jobs.claims).toHaveLength(2);
    });

    it('commits what ended while the notebook was closed', async () => {
      jobs.put(aCellsJob({ a: SOURCES.a, b: SOURCES.b }));
      await finish();
      await cells.add(panel);
      await pass();
      expect(inDocument(panel, 'a')).toEqual([stream('one\n')]);
      expect(jobs.claims).toHaveLength(2);
    });

    it('does not commit what was committed', async () => {
      const applied = { page: 'other', claimed_at: '2026-03-01T09:00:00Z', done: true };
      jobs.put(aCellsJob({ a: SOURCES.a }));
      await finish({ applied });
      await cells.add(panel);
      await pass();
      expect(inDocument(panel, 'a')).toEqual([stream('old a\n')]);
      expect(badge('a')).toBeNull();
      expect(jobs.claims).toEqual([]);
    });

    it('shows the result beside a document of its own when another window was first', async () => {
      await running();
      jobs.onClaim = () => {
        throw refused();
      };
      await finish();
      expect(live('a')).toBe('one\n');
      jobs.tell({ applied: { page: 'other', claimed_at: '2026-03-01T09:00:00Z', done: true } });
      await pass();
      expect(live('a')).toBe('one\n');
      expect(says('a')).toBe('Short queue · done 1:12 · kept in another window · reload');
      expect(inDocument(panel, 'a')).toEqual([stream('old a\n')]);
      expect(panel.context.model.dirty).toBe(false);
      // Nothing is lost by a click: what is not saved here would be.
      edit('c', 'print(33)');
      await pass();
      expect(panel.context.model.dirty).toBe(true);
      expect(says('a')).toBe('Short queue · done 1:12 · kept in another window');
      press('a', 'main');
      expect(opened).toHaveLength(1);
      press('a', 'offer');
      await pass();
      expect(live('a')).toBeNull();
    });

    it('has the result from the file once the other window has saved it', async () => {
      await running();
      jobs.onClaim = () => {
        throw refused();
      };
      await finish();
      jobs.tell({ applied: { page: 'other', claimed_at: '2026-03-01T09:00:00Z', done: true } });
      await pass();
      const inFile = (text: string) => () => {
        panel.context.model.fromJSON(
          aNotebook(
            Object.entries(SOURCES).map(([id, source]) => aCell(id, source, [stream(text)]))
          )
        );
        panel.context.model.dirty = false;
      };
      reload = inFile('old\n');
      press('a', 'main');
      await pass();
      expect(news).toHaveLength(1);
      expect(live('a')).toBe('one\n');
      reload = inFile('one\n');
      press('a', 'main');
      await pass();
      expect(news).toHaveLength(1);
      expect(live('a')).toBeNull();
      expect(inView(panel, 'a')).toEqual([stream('one\n')]);
      expect(says('a')).toBe('Short queue · done 1:12');
      expect(says('b')).toContain('kept in another window');
    });

    it('drops the view when another window has written into the shared document', async () => {
      jest.spyOn(panel.context.model, 'collaborative', 'get').mockReturnValue(true);
      await running();
      jobs.onClaim = () => {
        throw refused();
      };
      await finish();
      jobs.tell({ applied: { page: 'other', claimed_at: '2026-03-01T09:00:00Z', done: true } });
      await pass();
      expect(live('a')).toBeNull();
      expect(inDocument(panel, 'a')).toEqual([stream('old a\n')]);
    });

    it('hears of the other window while its own claim is on the way', async () => {
      jest.spyOn(panel.context.model, 'collaborative', 'get').mockReturnValue(true);
      await running();
      jobs.onClaim = () => {
        jobs.tell({ applied: { page: 'other', claimed_at: '2026-03-01T09:00:00Z', done: true } });
        throw refused();
      };
      await finish();
      expect(live('a')).toBeNull();
      expect(inDocument(panel, 'a')).toEqual([stream('old a\n')]);
      expect(jobs.claims).toEqual([['this-page', false]]);
    });

    it('claims again when the other window is gone', async () => {
      await running();
      jobs.onClaim = () => {
        throw refused();
      };
      await finish();
      jobs.onClaim = () => undefined;
      await pass(61_000);
      expect(inDocument(panel, 'a')).toEqual([stream('one\n')]);
    });

    it('does not repeat a claim that was refused with every edit', async () => {
      await running();
      jobs.onClaim = () => {
        throw refused();
      };
      await finish();
      for (const source of ['print(9)', SOURCES.a, 'print(8)', SOURCES.a]) {
        edit('a', source);
        await pass();
      }
      expect(jobs.claims).toEqual([['this-page', false]]);
    });

    it('tries again when the server did not answer', async () => {
      await running();
      jobs.onClaim = () => {
        throw refused(503);
      };
      await finish();
      expect(inDocument(panel, 'a')).toEqual([stream('old a\n')]);
      jobs.onClaim = () => undefined;
      await pass(5000);
      expect(inDocument(panel, 'a')).toEqual([stream('one\n')]);
    });

    it('keeps the claim while the notebook is closed', async () => {
      await running();
      jobs.onClaim = () => {
        jobs.onClaim = () => undefined;
        closeNotebook(panel);
      };
      await finish();
      expect(jobs.claims).toEqual([['this-page', false]]);
      panel = await open();
      await cells.add(panel);
      await pass();
      expect(inDocument(panel, 'a')).toEqual([stream('one\n')]);
      expect(jobs.claims.pop()).toEqual(['this-page', true]);
    });

    it('leaves a changed cell until the result is asked for', async () => {
      await running();
      jobs.give(event.started('a'), event.text('a', 'one\n'));
      await pass();
      edit('a', 'print(100)');
      await pass();
      expect(live('a')).toBeNull();
      expect(badge('a')?.dataset.state).toBe('changed');
      jobs.give(event.ended('a'), event.started('b'), event.text('b', 'two\n'), event.ended('b'));
      jobs.tell({ state: 'succeeded' });
      await pass();
      expect(inDocument(panel, 'a')).toEqual([stream('old a\n')]);
      expect(inDocument(panel, 'b')).toEqual([stream('two\n')]);
      expect(says('a')).toBe('changed since it was sent · show result');
      press('a', 'main');
      await pass();
      expect(opened).toEqual([]);
      expect(inDocument(panel, 'a')).toEqual([stream('one\n')]);
      expect(panel.context.model.sharedModel.cells[0].toJSON()).toMatchObject({
        execution_count: null
      });
    });

    it('takes an edit that was undone for no change', async () => {
      await running();
      edit('a', 'print(100)');
      await pass();
      edit('a', SOURCES.a);
      await finish();
      expect(inDocument(panel, 'a')).toEqual([stream('one\n')]);
    });

    it('claims nothing when every cell was changed', async () => {
      await running({ a: SOURCES.a });
      edit('a', 'print(100)');
      await finish();
      expect(jobs.claims).toEqual([]);
      expect(jobs.users).toBe(1);
      press('a', 'offer');
      await pass();
      expect(jobs.claims).toEqual([['this-page', true]]);
      expect(inDocument(panel, 'a')).toEqual([stream('old a\n')]);
    });

    it('commits a deleted cell when undo brings it back', async () => {
      await running();
      const { sharedModel } = panel.context.model;
      const [a] = sharedModel.cells.map(cell => cell.toJSON());
      sharedModel.deleteCell(0);
      await finish();
      expect(inDocument(panel, 'b')).toEqual([stream('two\n')]);
      sharedModel.insertCell(0, a as never);
      await pass();
      expect(inDocument(panel, 'a')).toEqual([stream('one\n')]);
    });

    it('gives a cell to the newest of its jobs', async () => {
      const old = aCellsJob(
        { a: SOURCES.a },
        { created_at: '2026-03-01T08:00:00Z', id: 'o'.repeat(16), state: 'succeeded' }
      );
      const young = aCellsJob({ a: SOURCES.a });
      jobs.snapshot = { jobs: [young, old], clusters: [] } as never;
      jobs.events.set(old.id, [event.started('a'), event.text('a', 'old job\n'), event.ended('a')]);
      jobs.events.set(young.id, [
        event.started('a'),
        event.text('a', 'young job\n'),
        event.ended('a')
      ]);
      jest.spyOn(jobs, 'job', 'get').mockReturnValue({ ...young, state: 'succeeded' });
      await cells.add(panel);
      await pass();
      expect(live('a') ?? JSON.stringify(inDocument(panel, 'a'))).not.toContain('old job');
    });

    it('marks cells that did not run after one that failed', async () => {
      await running();
      jobs.give(
        event.started('a'),
        event.error('a', 'ValueError', 'bad'),
        event.ended('a', 'error')
      );
      jobs.tell({ state: 'failed', reason: { code: 'error', text: 'Cell 1 raised ValueError' } });
      await pass();
      expect(says('a')).toBe('Short queue · failed 1:12');
      expect(inDocument(panel, 'a')[0]).toMatchObject({ ename: 'ValueError' });
      expect(says('b')).toBe('Short queue · not run: a cell before it failed');
      expect(inDocument(panel, 'b')).toEqual([stream('old b\n')]);
    });

    it('tells of an error in the cells before', async () => {
      await running({ z: 'x', b: SOURCES.b }, ['z']);
      jobs.give(event.started('z'), event.error('z', 'NameError', 'df'), event.ended('z', 'error'));
      jobs.tell({ state: 'failed' });
      await pass();
      expect(says('b')).toBe('Short queue · not run: NameError in a cell before it');
      expect(badge('b')?.querySelector('button')?.title).toContain('NameError: df');
      expect(inDocument(panel, 'b')).toEqual([stream('old b\n')]);
      expect(badge('a')).toBeNull();
    });

    it('commits what came before a cancellation', async () => {
      await running({ a: SOURCES.a, b: SOURCES.b, c: SOURCES.c });
      jobs.give(event.started('a'), event.text('a', 'one\n'), event.ended('a'));
      jobs.give(event.started('b'), event.text('b', 'half'));
      jobs.tell({ state: 'cancelled' });
      await pass();
      expect(inDocument(panel, 'a')).toEqual([stream('one\n')]);
      expect(inDocument(panel, 'b')).toEqual([stream('half')]);
      expect(says('b')).toBe('Short queue · cancelled');
      expect(inDocument(panel, 'c')).toEqual([stream('old c\n')]);
      expect(says('c')).toBe('Short queue · not run: cancelled');
    });
  });

  it('hears and shows nothing after it was disposed', async () => {
    await running();
    cells.dispose();
    expect(badge('a')).toBeNull();
    const { asked } = jobs;
    jobs.give(event.started('a'), event.text('a', 'one\n'));
    jobs.tell({ state: 'succeeded' });
    await pass(5000);
    expect(jobs.asked).toBe(asked);
    expect(jobs.users).toBe(0);
    expect(live('a')).toBeNull();
  });
});
