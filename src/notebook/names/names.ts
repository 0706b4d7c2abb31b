/** What a cell does to names, as far as its text tells. */
export type Names = {
  /** Bound for certain when the cell has run. */
  readonly defines: Set<string>;
  /** Bound on some way through the cell. */
  readonly maybe: Set<string>;
  /** Bound by `import`. */
  readonly imports: Set<string>;
  /** Read before the cell binds them. */
  readonly uses: Set<string>;
  /** Perhaps read: wanted where a cell above defines them, not missed otherwise. */
  readonly weak: Set<string>;
  /** Read by functions whenever these are called. */
  readonly late: Set<string>;
  /** Changed in place for certain: `df['x'] = 1`. */
  readonly mutates: Set<string>;
  /** Perhaps changed by a call: `model.fit(x)`. */
  readonly touches: Set<string>;
  /** A call that sets something up: `np.random.seed(1)`. */
  readonly configures: Set<string>;
  /** What functions change when they are called, by the function's name. */
  readonly effects: Map<string, Set<string>>;
  /** Functions called. */
  readonly calls: Set<string>;
  /** It may bind any name. */
  star: boolean;
  /** It changes the session: `%cd`, `%pip`. */
  setup: boolean;
  /** The parser understood all of it. */
  readable: boolean;
};

export function noNames(): Names {
  return {
    defines: new Set(),
    maybe: new Set(),
    imports: new Set(),
    uses: new Set(),
    weak: new Set(),
    late: new Set(),
    mutates: new Set(),
    touches: new Set(),
    configures: new Set(),
    effects: new Map(),
    calls: new Set(),
    star: false,
    setup: false,
    readable: true
  };
}

/** How a name is changed without being bound anew. */
export type Change = 'mutates' | 'touches' | 'configures';
