import type { MouseEvent } from 'react';

/** A handler for which a double click is one click: nobody means to run something twice by it. */
export function once<E extends Element>(
  act: (event: MouseEvent<E>) => void
): (event: MouseEvent<E>) => void {
  return event => {
    if (event.detail < 2) {
      act(event);
    }
  };
}

/** The context menu of an element, which settings may have changed, under it. */
export function menuBelow(element: Element): void {
  const { left: clientX, bottom: clientY } = element.getBoundingClientRect();
  const init = { bubbles: true, cancelable: true, clientX, clientY };
  element.dispatchEvent(new MouseEvent('contextmenu', init));
}
