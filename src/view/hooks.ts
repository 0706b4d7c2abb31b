import type { ISignal } from '@lumino/signaling';
import type { FocusEvent } from 'react';
import {
  useCallback,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
  useSyncExternalStore
} from 'react';

/** Something whose state is one frozen object, replaced when it changes. */
export interface IStore<S> {
  readonly snapshot: S;
  readonly changed: ISignal<unknown, void>;
}

/** The store's snapshot; the component is drawn again when it is replaced. */
export function useSnapshot<S>(store: IStore<S>): S {
  const subscribe = useCallback(
    (notify: () => void) => {
      // A React component has no `this`; the same function ends the connection.
      store.changed.connect(notify);
      return () => {
        store.changed.disconnect(notify);
      };
    },
    [store]
  );
  return useSyncExternalStore(subscribe, () => store.snapshot);
}

/** The time, anew every `interval` milliseconds; null: as of the last drawing. */
export function useNow(interval: number | null): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (interval === null) {
      return;
    }
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), interval);
    return () => clearInterval(timer);
  }, [interval]);
  return interval === null ? Date.now() : now;
}

/**
 * Keeps the focus in the page: when what has it is taken out, it goes to what `heir` names then, if to anything.
 *
 * A browser drops it on the body instead, and whoever works by keyboard begins at the top of the page.
 */
export function useHeir(heir: () => HTMLElement | null | undefined) {
  const held = useRef<Element | null>(null);
  useLayoutEffect(() => {
    if (held.current && !held.current.isConnected) {
      held.current = null;
      if (document.activeElement === document.body) {
        heir()?.focus();
      }
    }
  });
  return {
    onFocus: ({ target }: FocusEvent) => {
      held.current = target;
    },
    // Not told when the element is taken out, which is how the two are told apart.
    onBlur: () => {
      held.current = null;
    }
  };
}
