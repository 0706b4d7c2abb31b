import type { MimeData } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';

/** What JupyterLab's file browser lets one drag: the paths of the chosen files. */
const FILES = 'application/x-jupyter-icontents';
const TYPES = ['lm-dragenter', 'lm-dragover', 'lm-dragleave', 'lm-drop'] as const;
const OVER = 'jp-mod-dropTarget';
/** So long one rests on a tab before it opens. */
const RESTING_MS = 600;

/** As much of Lumino's drag event as we use; its package is not ours to bring along. */
type DragEvent = Event & {
  readonly mimeData: MimeData;
  proposedAction: string;
  dropAction: string;
};

export interface IDropOptions {
  /** What is around the places; Lumino's drag events bubble. */
  readonly around: HTMLElement;
  /** The places that take notebooks. */
  readonly places: string;
  /** Those of them that open when one rests on them: what is dragged comes from the side that it would cover. */
  readonly doors: string;
  /** What dropping would do, in words. */
  label(): string;
  onRest(): void;
  onDrop(paths: string[]): void;
}

/** Takes notebooks that are dragged from a file browser. Other files are not taken, and the pointer says so. */
export class NotebookDrop implements IDisposable {
  constructor(private readonly _options: IDropOptions) {
    TYPES.forEach(type => _options.around.addEventListener(type, this));
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    this._leave();
    TYPES.forEach(type => this._options.around.removeEventListener(type, this));
  }

  handleEvent(event: Event): void {
    const { places, onDrop } = this._options;
    const place = (event.target as Element).closest<HTMLElement>(places);
    const paths = place ? notebooksOf(event as DragEvent) : [];
    if (!place || paths.length === 0) {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    (event as DragEvent).dropAction = (event as DragEvent).proposedAction;
    if (event.type === 'lm-dragleave') {
      this._leave();
    } else if (event.type === 'lm-drop') {
      this._leave();
      onDrop(paths);
    } else if (place !== this._over) {
      this._enter(place);
    }
  }

  private _enter(place: HTMLElement): void {
    const { doors, label, onRest } = this._options;
    this._leave();
    this._over = place;
    place.classList.add(OVER);
    place.dataset.dropLabel = label();
    if (place.matches(doors)) {
      this._resting = setTimeout(onRest, RESTING_MS);
    }
  }

  private _leave(): void {
    clearTimeout(this._resting);
    this._over?.classList.remove(OVER);
    delete this._over?.dataset.dropLabel;
    this._over = null;
  }

  private _over: HTMLElement | null = null;
  private _resting: ReturnType<typeof setTimeout> | undefined;
  private _isDisposed = false;
}

function notebooksOf({ mimeData }: DragEvent): string[] {
  const paths = (mimeData.getData(FILES) as string[] | undefined) ?? [];
  return paths.filter(path => path.toLowerCase().endsWith('.ipynb'));
}
