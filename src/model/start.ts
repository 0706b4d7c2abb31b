import type { Contents } from '@jupyterlab/services';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { IJobs, IProfiles } from '../tokens';
import type { Target } from './target';

/** An estimate costs the scheduler a question: for this long the last one does. */
const GOOD_FOR_MS = 60_000;
/** Who walks through notebooks or profiles does not want to know of each. */
const PATIENCE_MS = 600;

export interface IStartOptions {
  readonly jobs: Pick<IJobs, 'preview'>;
  readonly profiles: Pick<IProfiles, 'snapshot' | 'changed'>;
  readonly target: Pick<Target, 'snapshot' | 'changed'>;
  readonly contents: Pick<Contents.IManager, 'driveName' | 'localPath'>;
}

/** When the notebook would start on the chosen profile, as far as the scheduler can say. */
export class StartEstimate implements IDisposable {
  private readonly _options: IStartOptions;
  private readonly _changed = new Signal<this, void>(this);
  private readonly _known = new Map<string, { at: number; start: string | null }>();
  private readonly _asking = new Set<string>();
  private _snapshot: string | null = null;
  private _isWanted = false;
  private _isDisposed = false;
  private _timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: IStartOptions) {
    this._options = options;
    options.profiles.changed.connect(this._update, this);
    options.target.changed.connect(this._update, this);
  }

  /** A time; null when nobody knows. */
  get snapshot(): string | null {
    return this._snapshot;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Nothing is asked while nobody looks. */
  set isWanted(isWanted: boolean) {
    this._isWanted = isWanted;
    this._update();
  }

  dispose(): void {
    this._isDisposed = true;
    clearTimeout(this._timer);
    this._options.profiles.changed.disconnect(this._update, this);
    this._options.target.changed.disconnect(this._update, this);
    Signal.clearData(this);
  }

  private get _question(): { profile: string; path: string } | null {
    const { contents, profiles, target } = this._options;
    const { path } = target.snapshot;
    const { current } = profiles.snapshot;
    const isHere = path !== null && contents.driveName(path) === '';
    return isHere && current?.available.ok
      ? { profile: current.name, path: contents.localPath(path) }
      : null;
  }

  private _update(): void {
    clearTimeout(this._timer);
    const question = this._question;
    const key = JSON.stringify(question);
    const known = this._known.get(key);
    const isFresh = known !== undefined && Date.now() - known.at < GOOD_FOR_MS;
    this._set(isFresh ? known.start : null);
    if (question && this._isWanted && !isFresh && !this._isDisposed && !this._asking.has(key)) {
      this._timer = setTimeout(() => void this._ask(question, key), PATIENCE_MS);
    }
  }

  private async _ask({ profile, path }: { profile: string; path: string }, key: string) {
    let start: string | null = null;
    this._asking.add(key);
    try {
      const source = { kind: 'notebook' as const, path };
      start = (await this._options.jobs.preview({ profile, source })).estimated_start;
    } catch {
      // An estimate is a courtesy; what is wrong with the notebook is said when it is run.
    }
    this._asking.delete(key);
    this._known.set(key, { at: Date.now(), start });
    if (key === JSON.stringify(this._question)) {
      this._set(start);
    }
  }

  private _set(start: string | null): void {
    if (this._snapshot !== start) {
      this._snapshot = start;
      this._changed.emit();
    }
  }
}
