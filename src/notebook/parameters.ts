import type { Json } from './literals';
import { literal } from './literals';
import type { INode, IPythonParser } from './names/tree';
import { children } from './names/tree';

/** The tag of the cell that names the parameters and gives their usual values: papermill's convention. */
export const PARAMETERS_TAG = 'parameters';

export type ParameterType = 'bool' | 'int' | 'float' | 'str' | 'choice' | 'value';

export type Parameter = Readonly<{
  name: string;
  type: ParameterType;
  /** As it stands there; empty when nothing does. */
  annotation: string;
  /** Its usual value; undefined when the cell computes it. */
  value: Json | undefined;
  /** The source of the usual value. */
  source: string;
  /** What the comment behind it says. */
  help: string;
  /** For `choice`: what it may be. */
  choices: readonly string[];
}>;

/** The parameters that a Python cell gives, in its order; the last word about a name counts. */
export function readParameters(source: string, parser: IPythonParser): Parameter[] {
  const found = new Map<string, Parameter>();
  const text = ({ from, to }: INode) => source.slice(from, to);
  for (const statement of children(parser.parse(source).topNode)) {
    const parameter = statement.name === 'AssignStatement' ? read(statement, source, text) : null;
    if (parameter) {
      found.set(parameter.name, parameter);
    }
  }
  return [...found.values()];
}

/** `name: type = value  # type: type help`; null: not of this form. */
function read(statement: INode, source: string, text: (node: INode) => string): Parameter | null {
  const parts = children(statement);
  const definition = parts[1]?.name === 'TypeDef' ? parts[1] : null;
  const [target, operator, value, ...more] = parts.filter(part => part !== definition);
  const isPlain = target?.name === 'VariableName' && operator?.name === 'AssignOp' && value;
  if (!isPlain || more.length > 0) {
    return null;
  }
  const comment = /^[ \t]*#+[ \t]*(?:type:[ \t]*(\S+)[ \t]*)?(.*)/.exec(source.slice(value.to));
  const annotation = definition
    ? text(definition).replace(/^:\s*/, '').trim()
    : (comment?.[1] ?? '');
  const usual = literal(value, text);
  const choices = choicesOf(annotation);
  return {
    name: text(target),
    type: choices.length ? 'choice' : typeOf(annotation, usual, text(value)),
    annotation,
    value: usual,
    source: text(value),
    help: comment?.[2].trim() ?? '',
    choices
  };
}

/** What an annotation says, else the usual value; whatever may also be nothing, or is of no simple type, is written as in Python. */
function typeOf(annotation: string, value: Json | undefined, source: string): ParameterType {
  const said = annotation.replace(/^["']|["']$/g, '').toLowerCase();
  if (said === 'bool' || said === 'int' || said === 'float' || said === 'str') {
    // A value of another type than was said: the annotation is not to be relied on.
    return value === undefined || fits(said, value) ? said : 'value';
  }
  if (said !== '') {
    return 'value';
  }
  switch (typeof value) {
    case 'boolean':
      return 'bool';
    case 'string':
      return 'str';
    case 'number':
      return /[.e]/i.test(source) && !/^[+-]?0x/i.test(source) ? 'float' : 'int';
    default:
      return 'value';
  }
}

function fits(type: 'bool' | 'int' | 'float' | 'str', value: Json): boolean {
  const wanted = { bool: 'boolean', int: 'number', float: 'number', str: 'string' }[type];
  return typeof value === wanted && (type !== 'int' || Number.isInteger(value));
}

/** `Literal['a', 'b']`. */
function choicesOf(annotation: string): string[] {
  const inner = /^(?:typing\.|t\.)?Literal\[(.*)\]$/s.exec(annotation)?.[1] ?? '';
  const items = [...inner.matchAll(/\s*(?:'([^'\\]*)'|"([^"\\]*)")\s*(?:,|$)/gy)];
  const isAll = items.map(([whole]) => whole).join('').length === inner.length;
  return isAll ? items.map(([, single, double]) => single ?? double) : [];
}
