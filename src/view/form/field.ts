import type { Json } from '../../notebook/literals';

/** Where a value stands in the request: a JSON pointer, so that the server's word about a field finds it. */
export type Pointer = string;

/** What stands in fields, by their pointers. */
export type Texts = Readonly<Record<Pointer, string>>;

/** A way out of a limit: another profile, which allows it. */
export type WayOut = Readonly<{ profile: string; label: string }>;

/** What a text means. Nothing of all: it is left out of the request. */
export type Reading = Readonly<{
  value?: Json;
  /** How it was understood, where the text may be in doubt. */
  meant?: string;
  /** Why it cannot be sent. */
  problem?: string;
  /** For problems that another profile does not have. */
  wayOut?: WayOut | null;
  /** More may follow: nobody is told of a word before it is written. */
  isUnfinished?: boolean;
}>;

export type Choice = Readonly<{ value: string; label: string }>;

/** Where in the form a field stands. */
export type Section = 'resources' | 'parameters' | 'more';

export interface IField {
  readonly pointer: Pointer;
  readonly section: Section;
  readonly label: string;
  /** `ticks` holds the chosen ones of its choices, separated by blanks; `tick` holds `true` or `false`. */
  readonly input: 'line' | 'count' | 'code' | 'lines' | 'choice' | 'tick' | 'ticks';
  /** What stands in it until somebody writes something else. */
  readonly initial: string;
  /** Whether its text is a long one. */
  readonly isWide: boolean;
  /** What stands below it: limits, or what it does. */
  readonly hint: string;
  readonly choices: readonly Choice[];
  /** Whether what stands there at first is sent too; otherwise the server or the notebook knows it. */
  readonly isAlwaysSent: boolean;
  /** Whether the last value is there again the next time. */
  readonly isKept: boolean;
  read(text: string): Reading;
  /** The text that `read` takes for the value. */
  write(value: Json): string;
}

type Given = Pick<IField, 'pointer' | 'section' | 'label'> & Partial<IField>;

/** A line of text, unless something else is said. */
export function aField(given: Given): IField {
  return {
    input: 'line',
    initial: '',
    hint: '',
    choices: [],
    isWide: false,
    isAlwaysSent: false,
    isKept: given.section !== 'parameters',
    read: text => (text.trim() === '' ? {} : { value: text.trim() }),
    write: value => (value === null ? '' : String(value)),
    ...given
  };
}

/** Several of its choices, or none. */
export function ticks(pointer: string, label: string, hint: string, more: Partial<IField>): IField {
  return aField({
    pointer,
    section: 'more',
    label,
    hint,
    input: 'ticks',
    read: text => ({ value: words(text) }),
    write: value => (value as string[]).join(' '),
    ...more
  });
}

/** A name as one part of a JSON pointer. */
export function escaped(name: string): string {
  return name.replace(/~/g, '~0').replace(/\//g, '~1');
}

/** The parts of a JSON pointer. */
export function partsOf(pointer: Pointer): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map(part => part.replace(/~1/g, '/').replace(/~0/g, '~'));
}

/** The words of a field with several. */
export function words(text: string): string[] {
  return text.split(' ').filter(Boolean);
}
