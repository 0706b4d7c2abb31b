const PLACES = 'a[href], button, input, select, textarea, summary, [tabindex="0"]';
/** The dialog's own frame, and what is folded away. */
const NO_PLACES = ':disabled, .jp-Dialog-content, details:not([open]) > :not(summary) *';

/**
 * Makes Tab go round in a dialog: from its last place to the first, and with Shift the other way. Whether it did.
 *
 * JupyterLab's dialog knows the first place as of when it opens. React has not drawn the body by then, so that Tab would
 * go round among the buttons at the foot and never come to a field again.
 */
export function goesRound(dialog: HTMLElement, event: Event): boolean {
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
