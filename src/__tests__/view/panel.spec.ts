import { nullTranslator } from '@jupyterlab/translation';
import type { PanelWithToolbar } from '@jupyterlab/ui-components';
import { ToolbarButton } from '@jupyterlab/ui-components';
import { MessageLoop } from '@lumino/messaging';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';
import { act } from 'react';

import { aCluster, aJob, aProfile } from '../../testing/builders';
import { laidOut } from '../../testing/react';
import type { IJobColumn, JobsSnapshot, ProfilesSnapshot, TargetSnapshot } from '../../tokens';
import { fill } from '../../view/contents';
import { EVERYTHING } from '../../view/list/filter';
import { ComputePanel } from '../../view/panel';

class FakeObserver {
  static readonly watched = new Set<Element>();
  observe = (element: Element) => void FakeObserver.watched.add(element);
  disconnect = () => FakeObserver.watched.clear();
  unobserve = (element: Element) => void FakeObserver.watched.delete(element);
}

/** A store that one test steers. */
class Store<S> {
  readonly changed = new Signal<this, void>(this);
  constructor(public snapshot: S) {}

  set(change: Partial<S>): void {
    this.snapshot = { ...this.snapshot, ...change };
    act(() => this.changed.emit());
  }
}

describe('ComputePanel', () => {
  const equip = jest.fn();
  const nothing = () => undefined;
  const events = {
    onChoose: nothing,
    onRunCells: nothing,
    onRunNotebook: nothing,
    onSettings: nothing,
    onOpen: nothing,
    onCancel: nothing,
    onDelete: nothing,
    onOpenResult: nothing,
    onRetry: nothing,
    onMore: () => Promise.resolve(),
    onSearch: () => Promise.resolve({ jobs: [], cursor: null }),
    onQuery: nothing,
    onRefresh: nothing
  };
  const load = jest.fn<Promise<void>, []>();
  let restore: () => void;
  const original = globalThis.ResizeObserver;
  let jobs: Store<JobsSnapshot>;
  let target: Store<TargetSnapshot>;
  let panel: ComputePanel;
  let seen: boolean[];

  const text = (part: string) => panel.node.querySelector(`.jp-Compute-${part}`)?.textContent;

  beforeEach(async () => {
    globalThis.ResizeObserver = FakeObserver as unknown as typeof ResizeObserver;
    equip.mockReset();
    const rest = { loaded: true, sync: 'idle' as const, error: null };
    const job = aJob({ name: 'train', state: 'running' });
    const clusters = [aCluster({ title: 'slurm-a' })];
    jobs = new Store({ jobs: [job], counts: { running: 1 }, clusters, hasMore: false, ...rest });
    target = new Store({ name: 'a.ipynb', path: 'a.ipynb', cells: 1 } as TargetSnapshot);
    const places = { profiles: [aProfile()], current: aProfile(), problems: [], locked: false };
    const contents = {
      translator: nullTranslator,
      jobs,
      columns: new Store<readonly IJobColumn[]>([]),
      target,
      profiles: new Store<ProfilesSnapshot>({ ...places, ...rest }),
      start: new Store<string | null>(null),
      query: EVERYTHING,
      events,
      equip
    };
    load.mockReset().mockResolvedValue(undefined);
    panel = new ComputePanel({
      translator: nullTranslator,
      fill: async one => {
        await load();
        fill(one, contents);
      }
    });
    seen = [];
    panel.visibilityChanged.connect((_, isVisible) => void seen.push(isVisible));
    restore = laidOut();
    await act(async () => Widget.attach(panel, document.body));
  });

  afterEach(() => {
    act(() => panel.dispose());
    restore();
    globalThis.ResizeObserver = original;
  });

  const activate = () =>
    act(async () => {
      panel.enter();
      await new Promise(requestAnimationFrame);
    });

  it('shows where to run above, the jobs below, the schedulers at the foot', () => {
    expect(text('top')).toContain('Run 1 cell');
    expect(text('jobs')).toContain('train');
    expect(text('bottom')).toContain('slurm-a');
  });

  it('follows what it shows', () => {
    target.set({ cells: 3 });
    expect(text('top')).toContain('Run 3 cells');
    jobs.set({ jobs: [aJob({ name: 'fit' })], clusters: [aCluster({ ok: false, title: 'b' })] });
    expect(text('jobs')).toContain('fit');
    expect(text('jobs')).not.toContain('train');
    expect(text('bottom')).toContain('b silent');
  });

  it('loads what it shows when it is first seen, once, and again if that failed', async () => {
    expect(load).toHaveBeenCalledTimes(1);
    await act(async () => panel.hide());
    await act(async () => panel.show());
    expect(load).toHaveBeenCalledTimes(1);

    const tries = jest.fn().mockRejectedValueOnce(new Error('gone')).mockResolvedValue(undefined);
    const other = new ComputePanel({ translator: nullTranslator, fill: tries });
    await act(async () => Widget.attach(other, document.body));
    await act(async () => other.hide());
    await act(async () => other.show());
    await act(async () => other.hide());
    await act(async () => other.show());
    expect(tries).toHaveBeenCalledTimes(2);
    other.dispose();
  });

  it('has a toolbar above the list, which somebody else fills', () => {
    expect(equip).toHaveBeenCalledTimes(1);
    const [section] = equip.mock.calls[0] as [PanelWithToolbar];
    act(() => void section.toolbar.addItem('one', new ToolbarButton({ label: 'One more' })));
    expect(panel.node.querySelector('.jp-Compute-section')?.textContent).toContain('train');
    expect(panel.node.textContent).toContain('One more');
  });

  it('says when it comes into view and when it leaves', () => {
    act(() => panel.hide());
    act(() => panel.show());
    act(() => Widget.detach(panel));
    expect(seen).toEqual([true, false, true, false]);
  });

  it('takes the focus to the current job when it is asked for, and leaves it where it is inside', async () => {
    await activate();
    expect((document.activeElement as HTMLElement).dataset.id).toBe(jobs.snapshot.jobs[0].id);
    const search = panel.node.querySelector<HTMLElement>('.jp-Compute-search')!;
    act(() => search.focus());
    await activate();
    expect(document.activeElement).toBe(search);
  });

  it('takes the focus to the profile when there are no jobs', async () => {
    jobs.set({ jobs: [], counts: {} });
    await activate();
    expect(document.activeElement?.className).toBe('jp-Compute-pickerButton');
  });

  it('leaves the focus where it is when JupyterLab puts a page back as it was', async () => {
    const held = document.activeElement;
    await act(async () => {
      MessageLoop.sendMessage(panel, Widget.Msg.ActivateRequest);
      await new Promise(requestAnimationFrame);
    });
    expect(document.activeElement).toBe(held);
  });

  it('watches no sizes after it was closed', () => {
    expect(FakeObserver.watched).toContain(panel.content.node);
    act(() => panel.dispose());
    expect(FakeObserver.watched.size).toBe(0);
  });
});
