import type { TranslationBundle } from '@jupyterlab/translation';

import cancelledSvg from '../../style/icons/cancelled.svg';
import failedSvg from '../../style/icons/failed.svg';
import heldSvg from '../../style/icons/held.svg';
import runningSvg from '../../style/icons/running.svg';
import succeededSvg from '../../style/icons/succeeded.svg';
import unknownSvg from '../../style/icons/unknown.svg';
import waitingSvg from '../../style/icons/waiting.svg';
import type { BadgeFacts, Tone } from './facts';

/** The shape of each, and the colour that the style knows. */
const ICONS: Readonly<Record<Tone, { svg: string; tone: string }>> = {
  waiting: { svg: waitingSvg, tone: 'waiting' },
  held: { svg: heldSvg, tone: 'waiting' },
  running: { svg: runningSvg, tone: 'running' },
  done: { svg: succeededSvg, tone: 'good' },
  failed: { svg: failedSvg, tone: 'bad' },
  cancelled: { svg: cancelledSvg, tone: 'quiet' },
  unknown: { svg: unknownSvg, tone: 'quiet' },
  changed: { svg: waitingSvg, tone: 'waiting' }
};

export interface IBadgeActions {
  open(): void;
  show(): void;
  reload(): void;
  cancel(): void;
  dismiss(): void;
}

/** The click follows the release of the pointer. */
const RELEASE_MS = 50;

/** The badge's element. Plain DOM: it hangs in a part of the cell that JupyterLab takes out and puts back as it likes. */
export class Badge {
  constructor(
    private _actions: IBadgeActions,
    private _trans: TranslationBundle
  ) {
    this.node = document.createElement('div');
    this.node.className = 'jp-Compute-badge';
    this._main = this._button('jp-Compute-badge-main', () =>
      this._actions[this._facts?.click ?? 'open']()
    );
    this._icon = this._main.appendChild(document.createElement('span'));
    this._icon.className = 'jp-Compute-stateIcon';
    this._icon.setAttribute('aria-hidden', 'true');
    this._text = this._main.appendChild(document.createElement('span'));
    this._text.className = 'jp-Compute-badge-text';
    this.node.addEventListener('pointerdown', () => this._hold());
    this._offer = this._button('jp-Compute-badge-offer', () =>
      this._facts?.offer === 'cancel' ? this._actions.cancel() : this._actions.dismiss()
    );
  }

  readonly node: HTMLElement;

  update(facts: BadgeFacts): void {
    const before = this._facts;
    this._facts = facts;
    if (before?.tone !== facts.tone) {
      const { svg, tone } = ICONS[facts.tone];
      this.node.dataset.state = facts.tone;
      this._icon.dataset.state = facts.tone;
      this._icon.dataset.tone = tone;
      this._icon.innerHTML = svg;
    }
    if (before?.text !== facts.text) {
      this._text.textContent = facts.text;
    }
    if (
      before?.title !== facts.title ||
      before.click !== facts.click ||
      before.text !== facts.text
    ) {
      const does = {
        open: this._trans.__('Open the job'),
        show: this._trans.__('Show the result'),
        reload: this._trans.__('Reload the notebook from disk')
      };
      this._main.title = [facts.text, facts.title, does[facts.click]].filter(Boolean).join('\n');
    }
    if (!before || before.offer !== facts.offer) {
      this._offer.hidden = facts.offer === null;
      this._offer.dataset.offer = facts.offer ?? '';
      this._offer.title =
        facts.offer === 'cancel'
          ? this._trans.__('Cancel the job')
          : this._trans.__('Remove this mark');
      this._offer.setAttribute('aria-label', this._offer.title);
    }
  }

  /** Pressing makes the cell active, its toolbar come and the badge give way: not before the press has become a click. */
  private _hold(): void {
    this.node.style.right = getComputedStyle(this.node).right;
    this.node.classList.add('jp-mod-pressed');
    const release = () => {
      this.node.style.right = '';
      this.node.classList.remove('jp-mod-pressed');
    };
    const ends = ['pointerup', 'pointercancel'];
    const end = () => {
      ends.forEach(type => window.removeEventListener(type, end, true));
      setTimeout(release, RELEASE_MS);
    };
    ends.forEach(type => window.addEventListener(type, end, true));
  }

  private _button(className: string, act: () => void): HTMLButtonElement {
    const button = this.node.appendChild(document.createElement('button'));
    button.className = className;
    button.type = 'button';
    // Neither select the cell nor start a drag.
    button.addEventListener('mousedown', event => event.stopPropagation());
    button.addEventListener('click', event => {
      event.stopPropagation();
      act();
    });
    return button;
  }

  private _facts: BadgeFacts | null = null;
  private readonly _main: HTMLButtonElement;
  private readonly _icon: HTMLElement;
  private readonly _text: HTMLElement;
  private readonly _offer: HTMLButtonElement;
}
