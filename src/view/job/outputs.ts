import { SimplifiedOutputArea } from '@jupyterlab/outputarea';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Panel, Widget } from '@lumino/widgets';

import type { OutputEvent, Outputs } from '../../api/types';
import { LiveOutputs } from '../../notebook/live';
import { duration, memory } from '../units';
import { Section } from './section';

export interface IOutputsOptions {
  readonly trans: TranslationBundle;
  readonly rendermime: IRenderMimeRegistry;
  /** Sources by cell id, as they were sent. */
  readSources(): Promise<ReadonlyMap<string, string>>;
  read(from: number, attempt?: number): Promise<Outputs>;
}

/** What each cell gave, as it came. */
export class OutputsSection extends Section {
  constructor(private readonly _options: IOutputsOptions) {
    const { trans } = _options;
    super(trans.__('Outputs'));
    this.addClass('jp-Compute-outputs');
  }

  protected async readOnce(): Promise<boolean> {
    const { trans, read, readSources } = this._options;
    this._sources ??= readSources();
    const sources = await this._sources;
    let page: Outputs;
    do {
      page = await read(this._next, this._attempt);
      if (this.isDisposed) {
        return true;
      }
      if (this._attempt !== undefined && page.attempt !== this._attempt) {
        this._clear();
      }
      this._attempt = page.attempt;
      this._next = page.next;
      page.events.forEach(event => this._take(event, sources));
    } while (page.more);
    this.say(this._cells.size ? '' : trans.__('No cell has started yet.'));
    return page.ended;
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this._clear();
      super.dispose();
    }
  }

  private _clear(): void {
    this._cells.forEach(({ live }) => live.dispose());
    this._cells.clear();
    [...this.widgets].forEach(widget => widget.dispose());
  }

  private _take(event: OutputEvent, sources: ReadonlyMap<string, string>): void {
    if (event.event === 'update_display') {
      this._cells.forEach(({ live }) => live.apply(event));
      return;
    }
    const cell = this._cells.get(event.cell) ?? this._add(event.cell, sources);
    cell.live.apply(event);
    if (event.event === 'cell_ended') {
      this._cells.set(event.cell, { ...cell, peakMb: event.peak_memory_mb ?? null });
    }
    this._label(event.cell);
  }

  private _label(id: string): void {
    const { live, prompt, peakMb } = this._cells.get(id) as CellView;
    const { trans } = this._options;
    prompt.textContent = promptOf(live, peakMb);
    if (peakMb !== null) {
      prompt.title = trans.__('The most memory that the job had used by then.');
    }
  }

  private _add(id: string, sources: ReadonlyMap<string, string>): CellView {
    const { rendermime, trans } = this._options;
    const live = new LiveOutputs(chars =>
      trans.__('… %1 characters are not shown here; see the log …', chars)
    );
    const prompt = element('div', 'jp-Compute-prompt');
    const code = element('pre', 'jp-Compute-code');
    code.textContent = sources.get(id) ?? '';
    const head = new Widget();
    head.addClass('jp-Compute-cellHead');
    head.node.append(prompt, code);
    const area = new SimplifiedOutputArea({ model: live.model, rendermime });
    const panel = new Panel();
    panel.addClass('jp-Compute-cell');
    panel.addWidget(head);
    panel.addWidget(area);
    this.addWidget(panel);
    const view = { live, prompt, peakMb: null };
    this._cells.set(id, view);
    return view;
  }

  private readonly _cells = new Map<string, CellView>();
  private _sources: Promise<ReadonlyMap<string, string>> | undefined;
  private _attempt: number | undefined;
  private _next = 0;
}

type CellView = Readonly<{ live: LiveOutputs; prompt: HTMLElement; peakMb: number | null }>;

function element(tag: string, className: string): HTMLElement {
  const made = document.createElement(tag);
  made.className = className;
  return made;
}

/** [7] 1:02, and 1.1 GiB below it */
function promptOf({ cell }: LiveOutputs, peakMb: number | null): string {
  const count = cell.hasEnded ? (cell.executionCount ?? ' ') : '*';
  const time = cell.durationS === null ? '' : ` ${duration(cell.durationS * 1000)}`;
  const most = peakMb ? `\n${memory(peakMb)}` : '';
  return `[${count}]${time}${most}`;
}
