import { parser } from '@lezer/python';

import { analyse } from '../../../notebook/names/analyse';
import { needs } from '../../../notebook/names/needs';

/** Cells are named by their place; those that start with `>` are wanted, those with `#setup` are tagged. */
function needed(...sources: string[]): { ids: string; unresolved: string; reasons: string } {
  const cells = sources.map((source, at) => ({
    id: String(at),
    names: analyse(source.replace(/^>/, ''), parser),
    always: source.startsWith('#setup')
  }));
  const wanted = new Set(cells.filter((_, at) => sources[at].startsWith('>')).map(({ id }) => id));
  const { ids, unresolved, reasons } = needs(cells, wanted);
  return {
    ids: ids.join(' '),
    unresolved: unresolved.join(' '),
    reasons: ids.map(id => `${id}:${reasons.get(id)?.join(',')}`).join(' ')
  };
}

describe('needs', () => {
  const table: [string, string[], string][] = [
    ['nothing', ['x = 1', '>y = 2'], ''],
    ['the nearest definition', ['x = 1', 'x = 2', '>x'], '1'],
    ['what that one builds on', ['x = 1', 'x = x + 1', '>x'], '0 1'],
    ['a chain', ['a = 1', 'b = a', 'z = 1', 'c = b', '>c'], '0 1 3'],
    ['cells above only', ['>x', 'x = 1'], ''],
    ['imports', ['import numpy as np', 'a = np.zeros(3)', '>a'], '0 1'],
    [
      'a definition on one way through a cell, and those above it',
      ['x = 0', 'if a:\n  x = 1', '>x'],
      '0 1'
    ],
    ['changes by assignment', ['df = 1', "df['x'] = 1", '>df'], '0 1'],
    ['changes by a method', ['l = []', 'l.append(1)', '>l'], '0 1'],
    ['changes by a call on the right', ['m = M()', 'h = m.fit(1)', '>m'], '0 1'],
    ['changes by a function', ['m = 1', 'train(m)', '>m'], '0 1'],
    [
      'changes inside a function that is called',
      ['c = {}\ndef put(k): c[k] = 1', 'put(1)', '>c'],
      '0 1'
    ],
    ['no change of what is bound anew later', ['l = []', 'l.append(1)', 'l = [2]', '>l'], '2'],
    ['no change below', ['l = []', '>l', 'l.append(1)'], '0'],
    ['no reading', ['df = 1', 'df.head()', 'print(df)', "df.groupby('a').sum()", '>df'], '0'],
    ['no derived value', ['df = 1', 'b = df.join(c)', '>df'], '0'],
    [
      'no plot when its module is needed',
      ['import plt', 'plt.plot(1)', 'plt.show()', '>plt.bar(2)'],
      '0'
    ],
    [
      'a set-up of a module',
      ['import plt', "plt.style.use('x')", 'plt.show()', '>plt.bar(2)'],
      '0 1'
    ],
    ['a seed', ['import random', 'random.seed(1)', '>random.random()'], '0 1'],
    ['a setting of a module', ['import os', "os.environ['A'] = '1'", '>os.getpid()'], '0 1'],
    [
      'what a function reads, also when it is defined below the function',
      ['def f(): return g() + k', 'def g(): return 1', 'k = 2', '>f()'],
      '0 1 2'
    ],
    ['what a lambda read where it stood', ['k = 1', 'y = [*map(lambda x: x + k, a)]', '>y'], '0 1'],
    ['no cell that removed the name', ['x = 1', 'del x', '>x'], '0'],
    ['no helper that is removed again', ['t = 1', 't = 2\nx = t\ndel t', '>x'], '1'],
    ['both sides of what is wanted', ['a = 1', '>a', 'b = 1', '>b'], '0 2'],
    ['not what is wanted itself', ['a = 1', '>b = a', '>b'], '0'],
    ['what lies between', ['>a = 1', 'b = a', '>b'], '1'],
    ['session magics', ['%cd data', '%load_ext x', '%matplotlib inline', '%who', '>1'], '0 1 2'],
    ['no session magics below', ['>1', '%cd data'], ''],
    ['what session magics need', ['p = 1', '%cd $p', '>1'], '0 1'],
    ['tagged cells', ['#setup\nx = y', 'z = 1', '>1'], '0'],
    ['a star import for what is left', ['from a import *', 'x = 1', '>x + y'], '0 1'],
    ['no star import otherwise', ['from a import *', 'x = 1', '>x'], '1'],
    ['a run notebook for what is left', ['%run a.ipynb', '>y'], '0'],
    ['a written module', ['%%writefile m.py\nx = 1', '>import m'], '0'],
    ['what a shell command mentions', ['f = 1', '>!ls {f}'], '0'],
    ['what an unknown magic mentions', ['df = 1', '>%%sql\nselect * from df'], '0'],
    ['what an unknown magic gives', ['%%R -o out\n1', '>out'], '0'],
    ['all above a cell that cannot be read', ['a = 1', 'b = 2', '>c = = d'], '0 1'],
    ['no unreadable cell without need', ['a = 1', 'x = = 1', '>a'], '0'],
    ['an unreadable cell for what is left', ['a = 1', 'c = 3', 'b = = f(', '>b'], '0 1 2'],
    ['%%time', ['%%time\nx = 1', '>x'], '0'],
    ['no %%timeit', ['x = 1', '%%timeit\nx = 2', '>x'], '0']
  ];

  it.each(table)('finds %s', (_, sources, ids) => {
    expect(needed(...sources).ids).toBe(ids);
  });

  it.each([
    ['a name that nobody binds', ['x = 1', '>df.head()'], 'df'],
    ['a name that is bound below only', ['>df', 'df = 1'], 'df'],
    ['what a needed cell misses', ['x = y', '>x'], 'y'],
    ['what a function misses', ['>def f(): return zz'], 'zz'],
    ['also when a cell cannot be read', ['b = = f(', '>z'], 'f z'],
    ['no builtins', ['>print(len(_), Out[1], display, __name__, _12)'], ''],
    ['not what a star import may bind', ['from a import *', '>y'], ''],
    ['not what the cell may bind', ['>if 1:\n  x = 1\nx'], ''],
    ['not what a shell command mentions', ['>!ls $HOME'], ''],
    ['not modules', ['>import a.b\nfrom c import d'], '']
  ])('tells %s', (_, sources, unresolved) => {
    expect(needed(...sources).unresolved).toBe(unresolved);
  });

  it('tells what each cell gives', () => {
    expect(needed('import a', 'x = a.y', 'x.append(1)', '%cd z', '>x + a.b').reasons).toBe(
      '0:a 1:x 2:x 3:'
    );
  });

  it('takes a notebook of 1,000 cells within a blink', () => {
    const sources = Array.from(
      { length: 1000 },
      (_, at) => `v${at} = f(v${at - 1}, np.a, [i for i in v0])`
    );
    const start = performance.now();
    expect(
      needed('import np', 'def f(): pass', 'v_1 = v0 = 0', ...sources.slice(1), '>v999').ids.split(
        ' '
      )
    ).toHaveLength(1002);
    expect(performance.now() - start).toBeLessThan(2000);
  });
});
