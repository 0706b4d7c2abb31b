import { parser } from '@lezer/python';

import { analyse } from '../../../notebook/names/analyse';

type Expected = Partial<{
  defines: string;
  maybe: string;
  uses: string;
  weak: string;
  late: string;
  mutates: string;
  touches: string;
  configures: string;
  imports: string;
  star: boolean;
  setup: boolean;
  unreadable: boolean;
}>;

/** What is not named must be empty, but for builtins and what imports mention. */
function told(source: string): Expected {
  const names = analyse(source, parser);
  const list = (kind: ReadonlySet<string>) =>
    [...kind]
      .filter(
        name =>
          !name.endsWith('.py') && !['print', 'len', 'int', 'open', 'range', 'type'].includes(name)
      )
      .sort()
      .join(' ');
  const all = {
    defines: list(names.defines),
    maybe: list(names.maybe),
    uses: list(names.uses),
    weak: list(names.weak),
    late: list(names.late),
    mutates: list(names.mutates),
    touches: list(names.touches),
    configures: list(names.configures),
    imports: list(names.imports),
    star: names.star,
    setup: names.setup,
    unreadable: !names.readable
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value)) as Expected;
}

describe('analyse', () => {
  const imports: [string, Expected][] = [
    ['import a', { defines: 'a', imports: 'a' }],
    ['import a.b.c', { defines: 'a', imports: 'a' }],
    ['import a.b as c, d', { defines: 'c d', imports: 'c d' }],
    ['import a, b.c, d as e', { defines: 'a b e', imports: 'a b e' }],
    ['from a.b import c, d as e', { defines: 'c e', imports: 'c e' }],
    ['from . import (a,\n  b as c,)', { defines: 'a c', imports: 'a c' }],
    ['from ..a.b import c', { defines: 'c', imports: 'c' }],
    ['from a import *', { star: true }],
    ['from a import *\nx = y', { star: true, defines: 'x', weak: 'y' }],
    [
      'try:\n  import a\nexcept ImportError:\n  a = None',
      { defines: 'a', imports: 'a', uses: 'ImportError' }
    ],
    ['try:\n  import a\nexcept E:\n  raise', { defines: 'a', imports: 'a', uses: 'E' }],
    ['try:\n  import a\nexcept E:\n  pass', { maybe: 'a', imports: 'a', uses: 'E' }]
  ];

  const assignments: [string, Expected][] = [
    ['', {}],
    ['# x = y', {}],
    ['x = 1', { defines: 'x' }],
    ['x = y', { defines: 'x', uses: 'y' }],
    ['x = 1\nx + 1', { defines: 'x' }],
    ['x + 1\nx = 1', { defines: 'x', uses: 'x' }],
    ['x = x + 1', { defines: 'x', uses: 'x' }],
    ['x += y', { defines: 'x', uses: 'x y' }],
    ['a = b = c', { defines: 'a b', uses: 'c' }],
    ['a, (b, *c) = d', { defines: 'a b c', uses: 'd' }],
    ['[a, b] = c', { defines: 'a b', uses: 'c' }],
    ['*a, b = c', { defines: 'a b', uses: 'c' }],
    ['x: T = y', { defines: 'x', uses: 'T y' }],
    ['x: T', { uses: 'T' }],
    ['x = *a, b', { defines: 'x', uses: 'a b' }],
    ['x = a if b else c', { defines: 'x', uses: 'a b c' }],
    ['if (n := len(a)) > 3:\n  print(n)', { defines: 'n', uses: 'a' }],
    ['f(a := 3)', { defines: 'a', uses: 'f' }],
    ['x[a := b]', { defines: 'a', uses: 'b x' }],
    ['del x', { uses: 'x' }],
    ['x = 1\ndel x', {}],
    ['x = y = 1\ndel (x, y)', {}],
    ['x = 1;', { defines: 'x' }],
    ['match = 1; case = match', { defines: 'case match' }],
    ['global x\nx = 1', { defines: 'x' }],
    ['type X[T] = list[T] | Y', { defines: 'X', late: 'Y list' }],
    ['x = a[*b]', { defines: 'x', uses: 'a b' }]
  ];

  const changes: [string, Expected][] = [
    ["df['x'] = 1", { uses: 'df', mutates: 'df' }],
    ["df['x'][i] = y", { uses: 'df i y', mutates: 'df' }],
    ['df.x.y = 2', { uses: 'df', mutates: 'df' }],
    ['df.x += 2', { uses: 'df', mutates: 'df' }],
    ["df.loc[m, 'x'] = 1", { uses: 'df m', mutates: 'df' }],
    ["del df['x'], a.b", { uses: 'a df', mutates: 'a df' }],
    ['for a.b in c: pass', { uses: 'a c', mutates: 'a' }],
    ['lst.append(x)', { uses: 'lst x', touches: 'lst', configures: 'lst' }],
    ['model.fit(x, y)', { uses: 'model x y', touches: 'model' }],
    ['h = model.fit(x)', { defines: 'h', uses: 'model x', touches: 'model' }],
    ['h = await model.fit(x)', { defines: 'h', uses: 'model x', touches: 'model' }],
    ['if ok:\n  lst.pop()', { uses: 'lst ok', touches: 'lst' }],
    ['df.head()', { uses: 'df' }],
    ["df.groupby('a').sum()", { uses: 'df' }],
    ['b = a.join(c)', { defines: 'b', uses: 'a c' }],
    ['df.drop(columns=c, inplace=True)', { uses: 'c df', mutates: 'df', touches: 'df' }],
    ['df = df.drop(columns=c, inplace=False)', { defines: 'df', uses: 'c df' }],
    ['np.add(a, b, out=c)', { uses: 'a b c np', touches: 'np', mutates: 'c' }],
    ['random.shuffle(x)', { uses: 'random x', touches: 'random', mutates: 'x' }],
    ['heapq.heappush(h, 1)', { uses: 'h heapq', touches: 'heapq', mutates: 'h' }],
    [
      'trainer.fit(model, data)',
      { uses: 'data model trainer', touches: 'trainer', mutates: 'data model' }
    ],
    ['loss = train(model, n=3)', { defines: 'loss', uses: 'model train', touches: 'model' }],
    ['normalise(df)', { uses: 'df normalise', touches: 'df' }],
    ['print(df)', { uses: 'df' }],
    ['x = f(df)', { defines: 'x', uses: 'df f' }],
    ['np.random.seed(1)', { uses: 'np', touches: 'np', configures: 'np' }],
    ['plt.plot(x)', { uses: 'plt x' }],
    ["plt.rcParams['x'] = 1", { uses: 'plt', mutates: 'plt' }],
    ['plt.rcParams.update(x)', { uses: 'plt x', touches: 'plt', configures: 'plt' }],
    ["pd.set_option('a', 1)", { uses: 'pd', touches: 'pd', configures: 'pd' }],
    ['setattr(a, b, c)', { uses: 'a b c setattr', touches: 'a b c' }]
  ];

  const flow: [string, Expected][] = [
    ['if a:\n  x = 1', { maybe: 'x', uses: 'a' }],
    ['if a:\n  x = 1\nprint(x)', { maybe: 'x', uses: 'a', weak: 'x' }],
    ['if a:\n  x = 1\nelse:\n  x = 2\nprint(x)', { defines: 'x', uses: 'a' }],
    [
      'if a:\n  x = 1\nelif b:\n  x = 2\nelse:\n  raise E\nprint(x)',
      { defines: 'x', uses: 'E a b' }
    ],
    ['for i, (j, k) in z:\n  print(i, j, k)\nelse:\n  q', { maybe: 'i j k', uses: 'q z' }],
    ['for i in z:\n  x = i\nprint(i)', { maybe: 'i x', uses: 'z', weak: 'i' }],
    ['while a:\n  b = a', { maybe: 'b', uses: 'a' }],
    ['with open(f) as g, h as i:\n  x = g', { defines: 'g i x', uses: 'f h' }],
    ['with (open(f) as g, h as i):\n  x = i', { defines: 'g i x', uses: 'f h' }],
    ['async with a as b: pass', { defines: 'b', uses: 'a' }],
    ['try:\n  x = 1\nfinally:\n  y = 2', { defines: 'x y' }],
    ['try:\n  x = 1\nexcept (E, F) as e:\n  print(e)', { maybe: 'x', uses: 'E F' }],
    [
      'try:\n  x = 1\nexcept* E as e:\n  x = 2\nelse:\n  y = 1',
      { defines: 'x', maybe: 'y', uses: 'E' }
    ],
    [
      'match p:\n  case Point(x=0, y=yy) if yy > q: pass\n  case [a, *rest]: pass\n  case {"k": v, **kw}: pass',
      { maybe: 'a kw rest v yy', uses: 'Point p q' }
    ],
    [
      'match p:\n  case 1 | 2 as n: pass\n  case Color.RED: pass\n  case _: x',
      { maybe: 'n', uses: 'Color p x' }
    ],
    ['assert a, b', { uses: 'a b' }],
    ['raise E(x) from y', { uses: 'E x y' }]
  ];

  const scopes: [string, Expected][] = [
    ['def f(a, /, b, *c, d=e, **g): return a + b + h', { defines: 'f', uses: 'e', late: 'h' }],
    ['def f(a: T = b) -> R: pass', { defines: 'f', uses: 'R T b' }],
    ['def f():\n  x = 1\n  return x', { defines: 'f' }],
    ['def f():\n  print(x)\n  x = 1', { defines: 'f' }],
    ['def f(): return g()\ndef g(): return 1', { defines: 'f g' }],
    ['def f():\n  global n\n  n = 1', { defines: 'f', maybe: 'n', weak: 'n' }],
    [
      'def f():\n  n = 1\n  def g():\n    nonlocal n\n    n += m\n  return g',
      { defines: 'f', late: 'm' }
    ],
    ['def f():\n  def g(): return x\n  x = 1\n  return g', { defines: 'f' }],
    ['@a.b(c)\ndef f(): pass', { defines: 'f', uses: 'a c' }],
    ['async def f():\n  async for i in g():\n    yield i', { defines: 'f', late: 'g' }],
    ['def f():\n  x = yield\n  return x', { defines: 'f' }],
    ['def f[T: Q](a: T) -> T: return a', { defines: 'f', uses: 'Q' }],
    [
      'class A(B, metaclass=M):\n  x = y\n  z = x\n  def m(self): return x + w',
      { defines: 'A', late: 'w x', uses: 'B M y' }
    ],
    ['class A:\n  def m(self): return A()', { defines: 'A' }],
    ['@dataclass\nclass A:\n  x: T = d', { defines: 'A', uses: 'T d dataclass' }],
    ['class A[T](B[T]): pass', { defines: 'A', uses: 'B' }],
    ['f = lambda a, b=c, *d: a + b + e', { defines: 'f', uses: 'c', late: 'e' }],
    ['lambda x, /, y: x', {}],
    ['[x for x in y]', { uses: 'y' }],
    ['[x + k for x in y if x > z for w in x]', { uses: 'k y z' }],
    ['[x for x in x]', { uses: 'x' }],
    ['[y for x in z for y in x]', { uses: 'z' }],
    ['{k: v for k, v in d.items()}', { uses: 'd' }],
    ['{a for a in b}', { uses: 'b' }],
    ['sum(x for x in y)', { uses: 'sum y' }],
    ['[(t := x) for x in y]\nprint(t)', { defines: 't', uses: 'y' }],
    ['[lambda: i + k for i in a]', { uses: 'a', late: 'k' }],
    ['print(f"{a!r:>{w}} {b=} {c[1]} {{d}}")', { uses: 'a b c w' }],
    ['f"{f\'{x}\'}" "{y}"', { uses: 'x' }],
    ['print(a, b=c, *d, **e)', { uses: 'a c d e' }],
    ['a.b.c(d).e', { uses: 'a d', touches: 'a' }],
    ['x = {**a, "b": c}', { defines: 'x', uses: 'a c' }],
    ['await f(x)', { uses: 'f x', touches: 'x' }]
  ];

  const ipython: [string, Expected][] = [
    ['%matplotlib inline\nx = 1', { defines: 'x', setup: true }],
    ['%load_ext autoreload\n%autoreload 2', { setup: true }],
    ['%cd $folder', { setup: true, weak: 'folder' }],
    ['%pip install x', { setup: true }],
    ['!pip install x', { setup: true }],
    ['pip install x', { setup: true }],
    ['!ls {a[b]} $c "it\'s"\nx = 1', { defines: 'x', weak: 'a b c' }],
    ['!echo \\\n  $a\nx = 1', { defines: 'x', weak: 'a' }],
    ['x = !ls', { defines: 'x' }],
    ['x, y = %who_ls', { defines: 'x y' }],
    ['x = %timeit -o f(y)', { defines: 'x', uses: 'f y' }],
    ['%time x = f(y)', { defines: 'x', uses: 'f y' }],
    ['%timeit -n 10 f(y)', { uses: 'f y', touches: 'y' }],
    ['%run other.py', { setup: true, star: true }],
    ['%who', {}],
    ['if a:\n  %time b\n  !ls', { uses: 'a b' }],
    ['?print', {}],
    ['x.y??', {}],
    ['x = (a\n % b)', { defines: 'x', uses: 'a b' }],
    ['s = """\n%cd x\n!ls\n"""', { defines: 's' }],
    ['print("a=%d" % x)', { uses: 'x' }],
    ['a != b', { uses: 'a b' }],
    ['%%time\nx = y', { defines: 'x', uses: 'y' }],
    ['%%time x = 1\nz = x', { defines: 'x z' }],
    ['%%timeit\nx = y', { uses: 'y' }],
    ['%%capture out\nx = y', { defines: 'out x', uses: 'y' }],
    ["%%bash\nx=1; echo $y it's", {}],
    ['%%bash --out a --err b\nls', { defines: 'a b' }],
    ['%%bash\npip install x', { setup: true }],
    ['%%writefile m.py\nx = y', {}],
    ['%%html\n<b>', {}],
    ['%%R -i df -o out\nsummary(df)', { star: true, defines: 'out', weak: 'df i o out summary' }],
    [
      '%%cython\ncpdef int fib(int n):\n  return n',
      { star: true, defines: 'fib', weak: 'cpdef fib n return' }
    ]
  ];

  const unreadable: [string, Expected][] = [
    ['x = (1,', { defines: 'x', unreadable: true }],
    ['def f(:\n  y', { defines: 'f', late: 'y', unreadable: true }],
    ['x = = y', { defines: 'x', uses: 'y', unreadable: true }]
  ];

  describe.each([
    ['imports', imports],
    ['assignments', assignments],
    ['changes', changes],
    ['ways through a cell', flow],
    ['scopes', scopes],
    ['IPython', ipython]
  ])('%s', (_, table) => {
    it.each(table)('%j', (source, expected) => {
      expect(told(source)).toEqual(expected);
    });
  });

  it.each(unreadable)('tells that it cannot read %j', (source, expected) => {
    expect(told(source)).toMatchObject({
      unreadable: expected.unreadable,
      defines: expected.defines
    });
  });
});
