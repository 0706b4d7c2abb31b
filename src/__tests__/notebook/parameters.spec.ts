import { parser } from '@lezer/python';

import { readParameters } from '../../notebook/parameters';

/** The parameters, each as `name type value | help`. */
function told(source: string): string[] {
  return readParameters(source, parser).map(({ name, type, value, source: usual, help }) =>
    [name, type, value === undefined ? `<${usual}>` : JSON.stringify(value), help && `| ${help}`]
      .filter(Boolean)
      .join(' ')
  );
}

describe('the parameters of a cell', () => {
  it('have the type of their usual value', () => {
    expect(
      told('a = 1\nb = 1.0\nc = "x"\nd = True\ne = [1]\nf = None\ng = 1e3\nh = 0xe\ni = -2')
    ).toEqual([
      'a int 1',
      'b float 1',
      'c str "x"',
      'd bool true',
      'e value [1]',
      'f value null',
      'g float 1000',
      'h int 14',
      'i int -2'
    ]);
  });

  it('have the type that is written beside them', () => {
    expect(told('a: float = 1\nb = 2  # type: float\nc: str = None\nd: int | None = 3')).toEqual([
      'a float 1',
      'b float 2',
      'c value null',
      'd value 3'
    ]);
  });

  it('offer what a Literal lists', () => {
    const [mode] = readParameters(`mode: Literal["fast", 'exact'] = "fast"`, parser);
    expect(mode).toMatchObject({ type: 'choice', value: 'fast', choices: ['fast', 'exact'] });
    expect(told('n: Literal[1, "a"] = 1')).toEqual(['n value 1']);
  });

  it('are explained by the comment behind them', () => {
    expect(
      told(
        '# all\nrate = 0.1  # how fast it learns\nn: int = 3  # type: int  rounds\nx = "#no" # yes'
      )
    ).toEqual(['rate float 0.1 | how fast it learns', 'n int 3 | rounds', 'x str "#no" | yes']);
  });

  it('may be computed, and are shown as they stand there', () => {
    expect(told('from datetime import date\nday = date.today()\nhour: int = 60 * 60')).toEqual([
      'day value <date.today()>',
      'hour int <60 * 60>'
    ]);
  });

  it('count once, and only plain assignments do', () => {
    expect(
      told('a = 1\na = 2\nb, c = 1, 2\nd = e = 1\nf += 1\ng.x = 1\nif a:\n    h = 1\ni: int\n%cd x')
    ).toEqual(['a int 2']);
  });

  it('are none in an empty cell', () => {
    expect(told('')).toEqual([]);
  });
});
