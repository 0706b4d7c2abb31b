/** Whether the browser may show notifications; `missing`: it cannot, e.g. on a page without https. */
export type Permission = NotificationPermission | 'missing';

export function permission(): Permission {
  return 'Notification' in globalThis ? globalThis.Notification.permission : 'missing';
}

/** Ask the person, by the browser's own question. Only a click may lead here: browsers refuse it else. */
export async function requestPermission(): Promise<Permission> {
  return permission() === 'missing' ? 'missing' : globalThis.Notification.requestPermission();
}

/** Show something outside the page. A click on it brings the page back and calls `onClick`. */
export function showNotification(
  title: string,
  { body, tag, onClick }: Readonly<{ body: string; tag: string; onClick(): void }>
): void {
  try {
    // Several pages show the same: of one tag there is one.
    const shown = new globalThis.Notification(title, { body, tag });
    shown.onclick = () => {
      window.focus();
      shown.close();
      onClick();
    };
  } catch {
    // Browsers of phones show none from pages; the toast is there all the same.
  }
}
