import { Dialog } from '@jupyterlab/apputils';

const PLACES = 'a[href], button, input, select, textarea, summary, [tabindex="0"]';
/** The dialog's own frame, and what is folded away. */
const NO_PLACES = ':disabled, .jp-Dialog-content, details:not([open]) > :not(summary) *';

/**
 * A dialog in which Tab goes round: from its last place to the first, and with Shift the other way.
 *
 * JupyterLab's knows the first place as of when it opens. React has not drawn the body by then, so that Tab would go
 * round among the buttons at the foot and never come to a field again.
 */
export class RoundDialog<T> extends Dialog<T> {
  override handleEvent(event: Event): void {
    if (!goesRound(this.node, event)) {
      super.handleEvent(event);
    }
  }
}

/** Whether Tab was pressed at an end, and the focus is at the other one now. */
function goesRound(dialog: HTMLElement, event: Event): boolean {
  if (!(event instanceof KeyboardEvent) || event.type !== 'keydown' || event.key !== 'Tab') {
    return false;
  }
  const all = [...dialog.querySelectorAll<HTMLElement>(PLACES)];
  const places = all.filter(place => !place.matches(NO_PLACES));
  const [from, to] = event.shiftKey ? [places[0], places.at(-1)] : [places.at(-1), places[0]];
  if (!to || document.activeElement !== from) {
    return false;
  }
  event.preventDefault();
  event.stopPropagation();
  to.focus();
  return true;
}
