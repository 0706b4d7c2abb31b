import type { ISignal } from '@lumino/signaling';
import { useCallback, useEffect, useState, useSyncExternalStore } from 'react';

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
