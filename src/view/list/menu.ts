/** Lumino's menus are children of the page's body. */
const MENU = ':scope > .lm-Menu';

/**
 * Gives the focus back to what has it now, once the context menu that is about to open has closed.
 *
 * Lumino takes its menu out of the page and leaves the focus to the body: who works by keyboard would begin at the top.
 * Where a command of the menu has taken the focus elsewhere, it stays there.
 */
export function returnFromMenu(): void {
  const held = document.activeElement;
  if (!(held instanceof HTMLElement)) {
    return;
  }
  const observer = new MutationObserver(() => {
    if (!document.body.querySelector(MENU)) {
      observer.disconnect();
      if (document.activeElement === document.body) {
        held.focus();
      }
    }
  });
  observer.observe(document.body, { childList: true });
  // With Shift the browser's own menu opens, and none of ours.
  setTimeout(() => {
    if (!document.body.querySelector(MENU)) {
      observer.disconnect();
    }
  });
}
