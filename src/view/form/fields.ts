import type { Profile } from '../../api/types';
import type { IPythonParser } from '../../notebook/names/tree';
import type { Parameter } from '../../notebook/parameters';
import type { IField, Pointer, Texts } from './field';
import type { IAround } from './further';
import { furtherFields } from './further';
import { jsonField, parameterFields } from './parameters';
import { resourceFields } from './resources';

/** What the notebook's cell tagged `parameters` gives; null: there is no such cell. */
export type Parameters = Readonly<{
  /** The cell. */
  id: string | null;
  /** Null: in a language that nobody here can read. */
  list: readonly Parameter[] | null;
  parser: IPythonParser | null;
}> | null;

export interface IOffer {
  readonly profile: Profile;
  readonly profiles: readonly Profile[];
  readonly around: IAround;
  /** Null: none are set by this run. */
  readonly parameters: Parameters;
}

/** The fields that this profile and this notebook offer. What stands in some of them decides on others. */
export function fieldsOf(
  { profile, profiles, around, parameters }: IOffer,
  texts: Texts
): IField[] {
  const { trans } = around;
  const textOf = (pointer: Pointer) => texts[pointer];
  return [
    ...resourceFields(profile, profiles, texts, trans),
    ...fieldsOfParameters(parameters, around),
    ...furtherFields(profile, around, textOf)
  ];
}

function fieldsOfParameters(parameters: Parameters, { trans }: IAround): IField[] {
  if (!parameters) {
    return [];
  }
  const { list, parser } = parameters;
  return list && parser ? parameterFields(list, parser, trans) : [jsonField(trans)];
}

/** What to remember of a profile: what was changed of that which counts for any notebook. */
export function toKeep(fields: readonly IField[], texts: Texts): Texts {
  return Object.fromEntries(
    fields
      .filter(({ isKept }) => isKept)
      .map(({ pointer, initial }): [Pointer, string, string] => [
        pointer,
        texts[pointer] ?? initial,
        initial
      ])
      .filter(([, text, initial]) => text !== initial)
      .map(([pointer, text]) => [pointer, text])
  );
}
