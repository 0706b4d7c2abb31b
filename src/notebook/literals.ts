import type { INode, IPythonParser } from './names/tree';
import { children } from './names/tree';

/** What a literal of Python is in JSON. */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** The value of a text that is one Python literal; undefined when it is anything else, or has no counterpart in JSON. */
export function readLiteral(text: string, parser: IPythonParser): Json | undefined {
  // In parentheses, so that a value may go over several lines, as it may in a form.
  const wrapped = `(${text}\n)`;
  const [statement, ...more] = children(parser.parse(wrapped).topNode);
  const expression = statement?.name === 'ExpressionStatement' ? statement.firstChild : null;
  const isNothing = expression !== null && children(expression).length === 2;
  if (!expression || isNothing || more.length > 0 || expression.to !== wrapped.length) {
    return undefined;
  }
  return literal(expression, node => wrapped.slice(node.from, node.to));
}

/** The value of an expression's node. `text` gives a node's source. */
export function literal(node: INode, text: (node: INode) => string): Json | undefined {
  switch (node.name) {
    case 'None':
      return null;
    case 'Boolean':
      return text(node) === 'True';
    case 'Number':
      return number(text(node));
    case 'UnaryExpression': {
      const value = signed(text(node));
      return value === null ? undefined : number(value[2], value[1]);
    }
    case 'String':
      return unquoted(text(node));
    case 'ContinuedString':
      return together(children(node).map(part => literal(part, text)));
    case 'ParenthesizedExpression': {
      const inner = children(node);
      return inner.length === 3 ? literal(inner[1], text) : undefined;
    }
    case 'ArrayExpression':
    case 'TupleExpression':
      return list(node, text);
    case 'DictionaryExpression':
      return dictionary(node, text);
    default:
      return undefined;
  }
}

function signed(source: string): RegExpExecArray | null {
  return /^([+-])\s*([\d.][\w.]*(?:[+-]\d+)?)$/.exec(source);
}

/** Whole numbers that JSON's readers would round are left alone. */
function number(source: string, sign = '+'): number | undefined {
  const plain = source.replace(/_/g, '');
  const value = /^0\d+$/.test(plain) && !/^0+$/.test(plain) ? NaN : Number(plain);
  const isWhole = !/[.e]/i.test(plain) || /^0x/i.test(plain);
  if (!Number.isFinite(value) || (isWhole && !Number.isSafeInteger(value))) {
    return undefined;
  }
  return sign === '-' ? -value : value;
}

function together(parts: (Json | undefined)[]): string | undefined {
  return parts.every(part => typeof part === 'string') ? parts.join('') : undefined;
}

function list(node: INode, text: (node: INode) => string): Json[] | undefined {
  const values: Json[] = [];
  for (const item of children(node).filter(({ name }) => !/^[[\](),]$/.test(name))) {
    const value = literal(item, text);
    if (value === undefined) {
      return undefined;
    }
    values.push(value);
  }
  return values;
}

function dictionary(node: INode, text: (node: INode) => string) {
  const made: { [name: string]: Json } = {};
  const parts = children(node).filter(({ name }) => !/^[{},]$/.test(name));
  for (let at = 0; at < parts.length; at += 3) {
    const [key, colon, item] = parts.slice(at, at + 3);
    const name = literal(key, text);
    const value = colon?.name === ':' && item ? literal(item, text) : undefined;
    if (typeof name !== 'string' || value === undefined) {
      return undefined;
    }
    Object.defineProperty(made, name, { value, enumerable: true, configurable: true });
  }
  return made;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\',
  "'": "'",
  '"': '"',
  '\n': '',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v'
};

/** Not for bytes, which JSON does not have, nor for f-strings, which are no literals. */
function unquoted(source: string): string | undefined {
  const match = /^(u|r?)('''|"""|'|")([^]*)\2$/i.exec(source);
  if (!match) {
    return undefined;
  }
  const [, prefix, , inner] = match;
  if (/^r$/i.test(prefix)) {
    return inner;
  }
  // A name of a character cannot be looked up here.
  if (/(?<!\\)(\\\\)*\\N\{/.test(inner)) {
    return undefined;
  }
  const escape = /\\(x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|[0-7]{1,3}|\r\n|[^])/g;
  return inner.replace(escape, (whole, code: string) => {
    if (/^[xu][\da-f]{2,}$/i.test(code)) {
      const point = parseInt(code.slice(1), 16);
      return point <= 0x10ffff ? String.fromCodePoint(point) : whole;
    }
    if (/^[0-7]+$/.test(code)) {
      return String.fromCodePoint(parseInt(code, 8));
    }
    return ESCAPES[code] ?? whole;
  });
}

const QUOTED: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  "'": "\\'",
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t'
};

/** A value as one would write it in Python. */
export function writeLiteral(value: Json): string {
  if (value === null) {
    return 'None';
  }
  if (typeof value === 'boolean') {
    return value ? 'True' : 'False';
  }
  if (typeof value === 'string') {
    const inner = value.replace(
      /[\\'\p{Cc}]/gu,
      c => QUOTED[c] ?? `\\x${c.codePointAt(0)!.toString(16).padStart(2, '0')}`
    );
    return `'${inner}'`;
  }
  if (Array.isArray(value)) {
    return `[${value.map(writeLiteral).join(', ')}]`;
  }
  if (typeof value === 'object') {
    const items = Object.entries(value).map(
      ([name, item]) => `${writeLiteral(name)}: ${writeLiteral(item)}`
    );
    return `{${items.join(', ')}}`;
  }
  return String(value);
}
