/**
 * What IPython adds to Python, taken out before the parser sees a cell: magics, shell commands and help.
 *
 * The text that remains has the same meaning for names; where it stands in a line does not matter.
 */
export type Prepared = {
  /** Plain Python. */
  python: string;
  /** Names that shell commands and magics bind. */
  readonly gives: Set<string>;
  /** Names that are perhaps read: `$x` and `{x}` in a command. */
  readonly mentions: Set<string>;
  /** It changes the session rather than names: `%cd`, `%env`, `%pip install`. */
  setup: boolean;
  /** It may bind any name: `%run`, `%pylab`, a cell magic that we do not know. */
  star: boolean;
  /** What the cell binds is gone when it ends: `%%timeit`. */
  forgets: boolean;
};

const TIMED = ['time', 'timeit', 'prun', 'memit', 'mprun', 'lprun', 'snakeviz', 'pyinstrument'];

/** Their line or body is Python in the notebook's own kernel. */
const PYTHON_MAGICS = new Set([...TIMED, 'capture', 'debug', 'notify', 'heat', 'ipytest']);

/** Cell magics that leave the kernel's names alone, but for what their options say. */
const OUTSIDE_MAGICS = new Set(
  `! HTML SVG bash cmd file html javascript js latex markdown perl pypy python python2 python3
  ruby script sh svg sx system writefile`.split(/\s+/)
);

/** Line magics that only show something. Any other may change the session. */
const SHOWING_MAGICS = new Set(
  `cat clear colors debug edit head hist history less ll load ls lsmagic magic man more notebook
  page pastebin pdef pdoc pfile pinfo pinfo2 pprint psearch psource pwd pycat quickref recall
  rehashx save sx system tb tensorboard who who_ls whos xmode`.split(/\s+/)
);

const STAR_MAGICS = new Set(['run', 'pylab', 'rerun', 'macro']);

const WORD = /[\p{L}_][\p{L}\p{N}_]*/gu;
const INSTALL = /^\s*(?:pip3?|conda|mamba|uv|python3? -m pip|apt(?:-get)?)\s.*\binstall\b/m;
const AUTOMAGIC = /^\s*(?:(?:pip|conda|mamba|uv)\s+(?:\w+\s+)?install|cd\s+[\w./~]+\s*$)/;
const HELP = /^\s*(?:\?{1,2}\s*[\w.%*]+|[\w.%*]+\?{1,2})\s*;?\s*$/;
const ASSIGNED = /^(\s*)([\p{L}_][\w.]*(?:\s*,\s*[\p{L}_][\w.]*)*)\s*=\s*([!%])(.*)$/u;

export function prepare(source: string): Prepared {
  const made: Prepared = {
    python: '',
    gives: new Set(),
    mentions: new Set(),
    setup: false,
    star: false,
    forgets: false
  };
  const cell = /^\s*%%([\w.!]+)[^\S\n]*([^\n]*)\n?/.exec(source);
  if (!cell) {
    made.python = lines(source, made).join('\n');
    return made;
  }
  const [head, magic, line] = cell;
  const body = source.slice(head.length);
  optionsOf(line, made);
  if (!PYTHON_MAGICS.has(magic)) {
    foreign(magic, line, body, made);
    return made;
  }
  const first = TIMED.includes(magic) ? `${payload(line)}\n` : '';
  if (magic === 'capture' && /^\w+/.test(line)) {
    made.gives.add(line.split(/\s/)[0]);
  }
  made.forgets = magic === 'timeit' || magic === 'memit';
  made.python = first + lines(body, made).join('\n');
  return made;
}

/** A cell in another language, or in one that we do not know. */
function foreign(magic: string, line: string, body: string, made: Prepared): void {
  shellWords(line, made);
  if (magic === 'writefile' || magic === 'file') {
    // A module that an import below may want.
    const name = line.split(/\s+/).pop()?.split('/').pop();
    if (name) {
      made.gives.add(name);
    }
  }
  made.setup ||= INSTALL.test(body);
  if (OUTSIDE_MAGICS.has(magic)) {
    return;
  }
  made.star = true;
  for (const [word] of `${line}\n${body}`.matchAll(WORD)) {
    made.mentions.add(word);
  }
  for (const [, name] of body.matchAll(/^\s*(?:c?p?def|class)\b.*?(\w+)\s*[(:]/gm)) {
    made.gives.add(name);
  }
}

/** `%%bash --out x`, `%%R -o x`, `%%sql x <<`. */
function optionsOf(line: string, made: Prepared): void {
  const given = /(?:^|\s)(?:-o|--out(?:put)?|--err)[ =]([\w,]+)|(\w+)\s*<</g;
  for (const [, names, name] of line.matchAll(given)) {
    (names ?? name).split(',').forEach(each => made.gives.add(each));
  }
}

function shellWords(text: string, made: Prepared): void {
  for (const [, plain, braced] of text.matchAll(/\$\{?([A-Za-z_]\w*)|\{([^{}]*)\}/g)) {
    for (const [word] of (plain ?? braced).matchAll(WORD)) {
      made.mentions.add(word);
    }
  }
}

/** The Python behind `%time` and its like, without their options. */
function payload(line: string): string {
  return line.replace(/^\s*(?:-[A-Za-z]+(?:\s*\d+)?\s+)*(?:-[A-Za-z]+\s*$)?/, '');
}

function lines(source: string, made: Prepared): string[] {
  const out: string[] = [];
  const reader = new Reader();
  let swallow = false;
  for (const line of source.split('\n')) {
    if (swallow) {
      shellWords(line, made);
      swallow = line.endsWith('\\');
      continue;
    }
    const plain = reader.free ? statement(line, made) : line;
    swallow = plain !== line && line.endsWith('\\');
    reader.read(plain);
    out.push(plain);
  }
  return out;
}

function statement(line: string, made: Prepared): string {
  const assigned = ASSIGNED.exec(line);
  if (assigned) {
    const [, indent, names, sign, rest] = assigned;
    const value = sign === '%' ? magicLine(rest, made) : shell(rest, made);
    return `${indent}${names} = ${value === 'pass' ? 'None' : value}`;
  }
  const special = /^(\s*)(%|!)(.*)$/.exec(line);
  if (special) {
    const [, indent, sign, rest] = special;
    return indent + (sign === '%' ? magicLine(rest, made) : shell(rest, made));
  }
  if (AUTOMAGIC.test(line)) {
    made.setup = true;
    return 'pass';
  }
  return HELP.test(line) ? line.replace(/\S.*/, 'pass') : line;
}

function shell(command: string, made: Prepared): string {
  made.setup ||= INSTALL.test(command.replace(/^!/, ''));
  shellWords(command, made);
  return 'pass';
}

function magicLine(text: string, made: Prepared): string {
  const [, name, rest] = /^([\w.]*)\s*(.*)$/.exec(text) ?? ['', '', ''];
  if (TIMED.includes(name)) {
    return payload(rest) || 'pass';
  }
  if (name === 'store' && /^-r\s/.test(rest)) {
    rest
      .slice(2)
      .trim()
      .split(/\s+/)
      .forEach(each => made.gives.add(each));
  }
  optionsOf(rest, made);
  shellWords(rest, made);
  made.star ||= STAR_MAGICS.has(name);
  made.setup ||= !SHOWING_MAGICS.has(name);
  return 'pass';
}

/** Knows whether the next line starts a statement, or goes on with a string, a bracket or a `\`. */
class Reader {
  get free(): boolean {
    return this._quote === '' && this._depth === 0 && !this._continued;
  }

  read(line: string): void {
    this._continued = false;
    for (let at = 0; at < line.length; at++) {
      const char = line[at];
      if (char === '\\') {
        this._continued = at === line.length - 1;
        at++;
      } else if (this._quote) {
        if (line.startsWith(this._quote, at)) {
          at += this._quote.length - 1;
          this._quote = '';
        }
      } else if (char === '#') {
        break;
      } else if (char === '"' || char === "'") {
        this._quote = line.startsWith(char.repeat(3), at) ? char.repeat(3) : char;
        at += this._quote.length - 1;
      } else if ('([{'.includes(char)) {
        this._depth++;
      } else if (')]}'.includes(char)) {
        this._depth = Math.max(0, this._depth - 1);
      }
    }
    if (this._quote.length === 1 && !this._continued) {
      this._quote = '';
    }
  }

  private _quote = '';
  private _depth = 0;
  private _continued = false;
}
