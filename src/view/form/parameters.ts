import type { TranslationBundle } from '@jupyterlab/translation';

import type { Json } from '../../notebook/literals';
import { readLiteral, writeLiteral } from '../../notebook/literals';
import type { IPythonParser } from '../../notebook/names/tree';
import type { Parameter } from '../../notebook/parameters';
import type { IField, Reading } from './field';
import { aField, escaped } from './field';

/** One field for each parameter of a Python notebook. What stands there as in the notebook is not sent. */
export function parameterFields(
  parameters: readonly Parameter[],
  parser: IPythonParser,
  trans: TranslationBundle
): IField[] {
  return parameters.map(parameter => {
    const { name, help, annotation, value, source } = parameter;
    const usual = value === undefined && source ? trans.__('Unless set: %1', source) : '';
    return aField({
      pointer: `/parameters/${escaped(name)}`,
      section: 'parameters',
      label: name,
      hint: [help, usual || (parameter.type === 'value' ? annotation : '')]
        .filter(Boolean)
        .join(' · '),
      ...typed(parameter, parser, trans)
    });
  });
}

type Typed = Pick<IField, 'input' | 'initial' | 'read' | 'write'> & Partial<IField>;

function typed(parameter: Parameter, parser: IPythonParser, trans: TranslationBundle): Typed {
  const { type, value, choices } = parameter;
  const isComputed = value === undefined;
  const asInNotebook = { value: '', label: trans.__('As in the notebook') };
  switch (type) {
    case 'bool':
      return isComputed
        ? {
            input: 'choice',
            initial: '',
            choices: [
              asInNotebook,
              ...[true, false].map(each => ({ value: String(each), label: writeLiteral(each) }))
            ],
            read: text => (text === '' ? {} : { value: text === 'true' }),
            write: String
          }
        : {
            input: 'tick',
            initial: String(value),
            read: text => ({ value: text === 'true' }),
            write: String
          };
    case 'int':
    case 'float':
      return {
        input: type === 'int' ? 'count' : 'line',
        initial: isComputed ? '' : String(value),
        read: text => readNumber(text, type, trans),
        write: String
      };
    case 'str':
      return {
        input: String(value ?? '').includes('\n') ? 'lines' : 'line',
        initial: String(value ?? ''),
        // Nothing at all is a text too, unless the notebook computes one.
        read: text => (text === '' && isComputed ? {} : { value: text }),
        write: String
      };
    case 'choice': {
      const listed = choices.map(choice => ({ value: choice, label: choice }));
      const isListed = typeof value === 'string' && choices.includes(value);
      return {
        input: 'choice',
        initial: isListed ? value : '',
        choices: isListed ? listed : [asInNotebook, ...listed],
        read: text => (text === '' ? {} : { value: text }),
        write: String
      };
    }
    case 'value':
      return {
        input: 'code',
        initial: isComputed ? '' : writeLiteral(value),
        read: text => readValue(text, parser, trans),
        write: writeLiteral
      };
  }
}

function readNumber(text: string, type: 'int' | 'float', trans: TranslationBundle): Reading {
  const plain = text.trim().replace(/_/g, '');
  if (plain === '') {
    return {};
  }
  const form = type === 'int' ? /^[+-]?\d+$/ : /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
  const value = Number(plain);
  if (!form.test(plain) || !Number.isFinite(value)) {
    const problem =
      type === 'int' ? trans.__('Write a whole number.') : trans.__('Write a number, such as 0.5.');
    return { problem, isUnfinished: true };
  }
  return type === 'int' && !Number.isSafeInteger(value)
    ? { problem: trans.__('This number is too large for a form: set it in the notebook.') }
    : { value };
}

function readValue(text: string, parser: IPythonParser, trans: TranslationBundle): Reading {
  if (text.trim() === '') {
    return {};
  }
  const value = readLiteral(text, parser);
  return value === undefined
    ? {
        problem: trans.__("Write a value as in Python: 1, 'text', [1, 2], None."),
        isUnfinished: true
      }
    : { value };
}

/** For notebooks in other languages, whose cell nobody here can read: all values in one field. */
export function jsonField(trans: TranslationBundle): IField {
  return aField({
    pointer: '/parameters',
    section: 'parameters',
    label: trans.__('Values, as JSON'),
    input: 'lines',
    hint: trans.__('Such as {"rate": 0.5}. They are set after the cell tagged “parameters”.'),
    read: text => {
      if (text.trim() === '') {
        return {};
      }
      const value = parsed(text);
      return typeof value === 'object' && value !== null && !Array.isArray(value)
        ? { value }
        : { problem: trans.__('Write a JSON object, such as {"rate": 0.5}.'), isUnfinished: true };
    },
    write: value => JSON.stringify(value, null, 1)
  });
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
