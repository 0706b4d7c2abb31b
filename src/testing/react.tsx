import type { ReactElement } from 'react';
import { act } from 'react';
import { createRoot } from 'react-dom/client';

(globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;

/** What a component drew, and a way to draw it anew. */
export type Drawn = Readonly<{
  node: HTMLElement;
  redraw(element: ReactElement): void;
  /** Buttons by their label. */
  button(label: string): HTMLButtonElement;
  remove(): void;
}>;

export function draw(element: ReactElement): Drawn {
  const node = document.body.appendChild(document.createElement('div'));
  const root = createRoot(node);
  const redraw = (next: ReactElement) => act(() => root.render(next));
  redraw(element);
  return {
    node,
    redraw,
    button: label => {
      const found = [...node.querySelectorAll('button')].find(
        each => (each.getAttribute('aria-label') ?? each.textContent) === label
      );
      if (!found) {
        throw new Error(`There is no button “${label}”.`);
      }
      return found;
    },
    remove: () => {
      act(() => root.unmount());
      node.remove();
    }
  };
}

export function click(element: Element, init: MouseEventInit = {}): void {
  act(() => {
    element.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true, ...init }));
  });
}

export function press(
  key: string,
  element: Element | null = document.activeElement,
  init: KeyboardEventInit = {}
): void {
  act(() => {
    element?.dispatchEvent(
      new KeyboardEvent('keydown', { bubbles: true, cancelable: true, key, ...init })
    );
  });
}

export function focus(element: HTMLElement): void {
  act(() => element.focus());
}

/** As if a person had typed it into a field. */
export function type(element: HTMLInputElement, text: string): void {
  act(() => {
    const setter = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set;
    setter?.call(element, text);
    element.dispatchEvent(new Event('input', { bubbles: true }));
  });
}

/** As if the page had a layout: without one no row of a list is in view. Hands back what undoes it. */
export function laidOut(rowHeight = 48, height = 480): () => void {
  const spies = [
    jest.spyOn(HTMLElement.prototype, 'offsetHeight', 'get').mockReturnValue(rowHeight),
    jest.spyOn(Element.prototype, 'clientHeight', 'get').mockReturnValue(height)
  ];
  return () => spies.forEach(spy => spy.mockRestore());
}
