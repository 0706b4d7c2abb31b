import type { Change, Names } from './names';

/** Where names are bound and looked up. */
export interface IScope {
  read(name: string): void;
  /** A function that is defined here reads it when it is called. */
  late(name: string): void;
  bind(name: string): void;
  /** `:=` binds outside of the comprehension that it stands in. */
  walrus(name: string): void;
  unbind(name: string): void;
  change(name: string, how: Change): void;
  call(name: string): void;
  /** `global` or `nonlocal`. */
  declare(name: string, global: boolean): void;
  /** Runs the ways of an `if` or a loop; `exhaustive` when one of them is taken for certain. */
  branch(ways: ReadonlyArray<() => boolean>, exhaustive: boolean): void;
}

/** A scope whose statements run now and in order: a cell or a class. */
abstract class Flow implements IScope {
  abstract read(name: string): void;
  abstract late(name: string): void;
  abstract change(name: string, how: Change): void;
  abstract call(name: string): void;

  bind(name: string): void {
    this.bound.add(name);
  }

  walrus(name: string): void {
    this.bind(name);
  }

  unbind(name: string): void {
    this.bound.delete(name);
    this.perhaps.delete(name);
  }

  declare(name: string, global: boolean): void {
    // At the level of a cell `global` says nothing new.
  }

  branch(ways: ReadonlyArray<() => boolean>, exhaustive: boolean): void {
    const before = this.bound;
    const ends: Set<string>[] = exhaustive ? [] : [before];
    for (const way of ways) {
      this.bound = new Set(before);
      const goesOn = way();
      this.bound.forEach(name => this.perhaps.add(name));
      if (goesOn) {
        ends.push(this.bound);
      }
    }
    const [first = before, ...others] = ends;
    this.bound = new Set([...first].filter(name => others.every(end => end.has(name))));
  }

  protected bound = new Set<string>();
  protected perhaps = new Set<string>();
}

export class CellScope extends Flow {
  constructor(private _names: Names) {
    super();
  }

  read(name: string): void {
    if (!this.bound.has(name)) {
      const kind = this.perhaps.has(name) || this._names.star ? 'weak' : 'uses';
      this._names[kind].add(name);
    }
  }

  late(name: string): void {
    this._late.add(name);
  }

  change(name: string, how: Change): void {
    this._names[how].add(name);
  }

  call(name: string): void {
    this._names.calls.add(name);
  }

  /** A function sets it when it is called. */
  bindLate(name: string): void {
    this.perhaps.add(name);
  }

  /** What one function changes beyond its own names. */
  effect(owner: string, name: string): void {
    const known = this._names.effects.get(owner) ?? new Set();
    this._names.effects.set(owner, known.add(name));
  }

  close(): void {
    this.bound.forEach(name => this._names.defines.add(name));
    for (const name of this.perhaps) {
      if (!this.bound.has(name)) {
        this._names.maybe.add(name);
      }
    }
    for (const name of this._late) {
      if (!this.bound.has(name)) {
        this._names[this.perhaps.has(name) ? 'weak' : 'late'].add(name);
      }
    }
  }

  private _late = new Set<string>();
}

/** A class's body runs now, but its names are seen by nobody inside its methods. */
export class ClassScope extends Flow {
  constructor(private _outer: IScope) {
    super();
  }

  read(name: string): void {
    if (!this.bound.has(name)) {
      this._outer.read(name);
    }
  }

  late(name: string): void {
    this._outer.late(name);
  }

  change(name: string, how: Change): void {
    if (!this.bound.has(name)) {
      this._outer.change(name, how);
    }
  }

  call(name: string): void {
    this._outer.call(name);
  }
}

/** A function: any name that it binds anywhere is its own. It runs later, if at all. */
export class FunctionScope implements IScope {
  constructor(
    private _outer: IScope,
    private _cell: CellScope,
    private _owner: string | null
  ) {}

  read(name: string): void {
    this._reads.add(name);
  }

  late(name: string): void {
    this._reads.add(name);
  }

  bind(name: string): void {
    this._binds.add(name);
  }

  walrus(name: string): void {
    this.bind(name);
  }

  unbind(name: string): void {
    this._binds.add(name);
  }

  declare(name: string, global: boolean): void {
    this._declared.set(name, global);
  }

  change(name: string, how: Change): void {
    this._changes.push([name, how]);
  }

  call(name: string): void {
    // It is not called by defining this function.
  }

  branch(ways: ReadonlyArray<() => boolean>): void {
    ways.forEach(way => way());
  }

  close(): void {
    for (const [name, global] of this._declared) {
      if (this._binds.delete(name)) {
        this._reads.add(name);
        if (global) {
          this._cell.bindLate(name);
        }
      }
    }
    for (const name of this._reads) {
      if (!this._binds.has(name)) {
        this._outer.late(name);
      }
    }
    for (const [name, how] of this._changes) {
      if (!this._binds.has(name) && this._owner !== null && how === 'mutates') {
        this._cell.effect(this._owner, name);
      }
    }
  }

  private _reads = new Set<string>();
  private _binds = new Set<string>();
  private _declared = new Map<string, boolean>();
  private _changes: [string, Change][] = [];
}

/** A comprehension runs now and keeps its loop's names to itself. */
export class ComprehensionScope implements IScope {
  constructor(private _outer: IScope) {}

  read(name: string): void {
    this._reads.add(name);
  }

  late(name: string): void {
    this._late.add(name);
  }

  bind(name: string): void {
    this._binds.add(name);
  }

  walrus(name: string): void {
    this._outer.walrus(name);
  }

  unbind(name: string): void {
    // No statement can stand in here.
  }

  declare(name: string, global: boolean): void {
    // No statement can stand in here.
  }

  change(name: string, how: Change): void {
    this._outer.change(name, how);
  }

  call(name: string): void {
    this._outer.call(name);
  }

  branch(ways: ReadonlyArray<() => boolean>): void {
    ways.forEach(way => way());
  }

  close(): void {
    for (const name of this._reads) {
      if (!this._binds.has(name)) {
        this._outer.read(name);
      }
    }
    for (const name of this._late) {
      if (!this._binds.has(name)) {
        this._outer.late(name);
      }
    }
  }

  private _reads = new Set<string>();
  private _late = new Set<string>();
  private _binds = new Set<string>();
}
