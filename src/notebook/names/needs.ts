import { isBuiltin } from './builtins';
import type { Names } from './names';

export type CodeCell = {
  readonly id: string;
  readonly names: Names;
  /** It prepares every run. */
  readonly always: boolean;
};

export type Needed = {
  /** Cells to run before, in the notebook's order. */
  readonly ids: string[];
  /** Names that are used and that no cell above binds. */
  readonly unresolved: string[];
  /** What each of the cells gives, by its id; empty: it prepares the session. */
  readonly reasons: Map<string, string[]>;
};

/**
 * The cells above that the wanted ones need.
 *
 * For each name that a cell reads: the nearest cell above that binds it, cells in between that change it, and what these need in
 * turn. A name that a function reads is looked for from where the function stands and from the last wanted cell, for it is read
 * when the function is called.
 */
export function needs(cells: readonly CodeCell[], wanted: ReadonlySet<string>): Needed {
  return new Closure(cells, wanted).result();
}

class Closure {
  constructor(
    private _cells: readonly CodeCell[],
    private _wanted: ReadonlySet<string>
  ) {
    this._end = _cells.map(({ id }) => _wanted.has(id)).lastIndexOf(true) + 1;
    for (const { names } of _cells.slice(0, this._end)) {
      names.imports.forEach(name => this._imported.add(name));
      names.effects.forEach((changed, name) => this._effects.set(name, changed));
    }
  }

  result(): Needed {
    for (let at = 0; at < this._end; at++) {
      const { id, names, always } = this._cells[at];
      if (this._wanted.has(id) || always || names.setup) {
        this.include(at);
      }
    }
    for (let at = this._open.pop(); at !== undefined; at = this._open.pop()) {
      this.follow(at);
    }
    const found = [...this._reasons.keys()].sort((a, b) => a - b).map(at => this._cells[at].id);
    return {
      ids: found.filter(id => !this._wanted.has(id)),
      unresolved: [...this._missing].sort(),
      reasons: new Map(
        [...this._reasons]
          .map(([at, names]): [string, string[]] => [this._cells[at].id, [...names].sort()])
          .filter(([id]) => !this._wanted.has(id))
      )
    };
  }

  private include(at: number, name?: string): void {
    let reasons = this._reasons.get(at);
    if (!reasons) {
      this._reasons.set(at, (reasons = new Set()));
      this._open.push(at);
    }
    if (name !== undefined) {
      reasons.add(name);
    }
  }

  private follow(at: number): void {
    const { names } = this._cells[at];
    if (!names.readable) {
      // Nobody can tell what it needs.
      for (let other = 0; other < at; other++) {
        this.include(other);
      }
    }
    names.weak.forEach(name => this.find(name, at));
    for (const name of names.uses) {
      if (!this.find(name, at)) {
        this.miss(name, at);
      }
    }
    for (const name of names.late) {
      const here = this.find(name, at);
      if (!this.find(name, this._end) && !here) {
        this.miss(name, this._end);
      }
    }
  }

  /** Includes the cells above that make `name` what it is there; false when there are none. */
  private find(name: string, below: number): boolean {
    const changing: number[] = [];
    let found = false;
    for (let at = below - 1; at >= 0; at--) {
      const { names } = this._cells[at];
      if (names.defines.has(name) || names.maybe.has(name)) {
        this.include(at, name);
        found = true;
        if (names.defines.has(name)) {
          break;
        }
      } else if (this.changes(names, name)) {
        changing.push(at);
      }
    }
    if (found) {
      changing.forEach(at => this.include(at, name));
    }
    return found;
  }

  /** Nobody binds it by name: then those who may bind anything. */
  private miss(name: string, below: number): void {
    if (isBuiltin(name)) {
      return;
    }
    let missing = true;
    for (let at = below - 1; at >= 0; at--) {
      const { star, readable } = this._cells[at].names;
      if (star || !readable) {
        this.include(at, name);
        missing &&= !star;
      }
    }
    if (missing) {
      this._missing.add(name);
    }
  }

  private changes(names: Names, name: string): boolean {
    if (names.mutates.has(name)) {
      return true;
    }
    if (this._imported.has(name) ? names.configures.has(name) : names.touches.has(name)) {
      return true;
    }
    return [...names.calls].some(callee => this._effects.get(callee)?.has(name));
  }

  private _end: number;
  private _open: number[] = [];
  private _missing = new Set<string>();
  private _imported = new Set<string>();
  private _reasons = new Map<number, Set<string>>();
  private _effects = new Map<string, Set<string>>();
}
