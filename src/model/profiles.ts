import { JSONExt } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { ComputeClient } from '../api/client';
import { toComputeError } from '../api/errors';
import type { Profile, ProfileList } from '../api/types';
import type { IProfiles, ProfileSettings, ProfilesSnapshot } from '../tokens';

/** Where the last choice is kept between visits. */
export interface IChoice {
  get(): Promise<string | null>;
  set(name: string): Promise<void>;
}

/** What was added by code, by name. */
export type Added = Readonly<
  Record<string, Readonly<{ source: string; settings: ProfileSettings }>>
>;

/** Where profiles that code adds are kept. */
export interface IAdded {
  get(): Promise<Added>;
  /** As `get`, read anew: another page may have written since. */
  read(): Promise<Added>;
  set(added: Added): Promise<void>;
}

export interface IProfilesOptions {
  /** Loads what speaks to the bridge; not before somebody asks. */
  readonly connect: () => Promise<ComputeClient>;
  readonly choice: IChoice;
  readonly added: IAdded;
}

const NOTHING: ProfilesSnapshot = Object.freeze({
  profiles: [],
  current: null,
  problems: [],
  locked: false,
  loaded: false,
  sync: 'idle',
  error: null
});

/** The last choice if it is still there, else what the site says, else the first that answers. */
export function currentOf(profiles: readonly Profile[], name: string | null): Profile | null {
  return (
    profiles.find(profile => profile.name === name) ??
    profiles.find(profile => profile.is_default) ??
    profiles.find(profile => profile.available.ok) ??
    profiles[0] ??
    null
  );
}

/** Knows the profiles, and which one runs the next job. */
export class Profiles implements IProfiles, IDisposable {
  private readonly _connect: () => Promise<ComputeClient>;
  private readonly _choice: IChoice;
  private readonly _added: IAdded;
  private readonly _changed = new Signal<IProfiles, void>(this);
  private _snapshot: ProfilesSnapshot = NOTHING;
  private _loading: Promise<void> | null = null;
  private _isAgain = false;
  private _chosen: string | null = null;
  private _writing: Promise<void> = Promise.resolve();
  private _isDisposed = false;

  constructor({ connect, choice, added }: IProfilesOptions) {
    this._connect = connect;
    this._choice = choice;
    this._added = added;
  }

  get snapshot(): ProfilesSnapshot {
    return this._snapshot;
  }

  get changed(): ISignal<IProfiles, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    Signal.clearData(this);
  }

  async load(): Promise<void> {
    if (!this._snapshot.loaded) {
      await (this._loading ?? this._ask(false));
    }
  }

  refresh(): Promise<void> {
    // What is on its way may have been answered before that which one wants to see.
    this._isAgain = this._loading !== null;
    return this._loading ?? this._ask(true);
  }

  find(name: string): Profile | undefined {
    return this._snapshot.profiles.find(profile => profile.name === name);
  }

  async choose(name: string): Promise<void> {
    this._chosen = name;
    this._set({ current: currentOf(this._snapshot.profiles, name) });
    await this._choice.set(name);
  }

  add(name: string, settings: ProfileSettings, source: string): Promise<void> {
    return this._write(added => ({ ...added, [name]: { source, settings } }));
  }

  remove(name: string): Promise<void> {
    return this._write(({ [name]: _, ...others }) => others);
  }

  /** One after another: each writes all of them. */
  private _write(change: (added: Added) => Added): Promise<void> {
    const written = this._writing.then(async () => {
      const isNews = (before: Added) =>
        !JSONExt.deepEqual(before as never, change(before) as never);
      // At most starts of a page there is nothing to write, and nothing has to be asked.
      if (isNews(await this._added.get())) {
        const before = await this._added.read();
        if (isNews(before)) {
          await this._added.set(change(before));
        }
      }
    });
    this._writing = written.catch(() => undefined);
    return written;
  }

  private _ask(refresh: boolean): Promise<void> {
    this._loading = this._fetchAll(refresh).finally(() => {
      this._loading = null;
    });
    return this._loading;
  }

  private async _fetchAll(refresh: boolean): Promise<void> {
    await this._fetch(refresh);
    while (this._isAgain && !this._isDisposed) {
      this._isAgain = false;
      await this._fetch(true);
    }
  }

  private async _fetch(refresh: boolean): Promise<void> {
    if (!this._snapshot.loaded) {
      this._set({ sync: 'loading' });
    }
    try {
      const api = await this._connect();
      const list = await api.listProfiles(refresh);
      this._chosen ??= await this._choice.get();
      this._set(this._read(list));
    } catch (error) {
      this._set({ sync: 'stale', error: toComputeError(error) });
    }
  }

  private _read({ profiles, problems, locked }: ProfileList): ProfilesSnapshot {
    const current = currentOf(profiles, this._chosen);
    return { profiles, problems, locked, current, loaded: true, sync: 'idle', error: null };
  }

  private _set(change: Partial<ProfilesSnapshot>): void {
    if (!this._isDisposed) {
      this._snapshot = Object.freeze({ ...this._snapshot, ...change });
      this._changed.emit();
    }
  }
}
