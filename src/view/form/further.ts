import type { TranslationBundle } from '@jupyterlab/translation';

import type { Profile } from '../../api/types';
import { readCount, readTime, writeTime } from '../quantities';
import type { Choice, IField, Reading } from './field';
import { aField, escaped, ticks } from './field';
import type { INotifyWays } from './notify';
import { notifyFields } from './notify';
import { sameText, timeExamples } from './resources';

/** A kernel that is installed. */
export type Kernel = Readonly<{ name: string; title: string }>;

/** What is known beside the profile. */
export interface IAround {
  readonly kind: 'notebook' | 'cells';
  /** Where the notebook lies, below the server's root. */
  readonly path: string;
  /** Null: nobody told which are there. */
  readonly kernels: readonly Kernel[] | null;
  /** The kernelspec that the notebook names. */
  readonly ownKernel: string | null;
  /** The kernel that it is connected to. */
  readonly sessionKernel: string | null;
  /** What the server can make of an executed notebook. */
  readonly formats: readonly string[];
  /** Null: nobody is told of anything. */
  readonly ways: INotifyWays | null;
  readonly trans: TranslationBundle;
}

/** Where the server puts the executed copy unless somebody says otherwise. */
const USUAL_PLACE = '{folder}/runs/{name}-{date}-{time}.ipynb';
const NAME = /^[A-Za-z0-9][A-Za-z0-9._@-]{0,99}$/;
const MOST_RETRIES = 10;

export function furtherFields(
  profile: Profile,
  around: IAround,
  textOf: (pointer: string) => string | undefined
): IField[] {
  const { kind, trans } = around;
  const isLocal = profile.scheduler.type === 'local';
  const retries = readCount(textOf('/retries/times') ?? '') ?? 0;
  return [
    ...kernelField(profile, around),
    ...(isLocal || profile.queue !== null ? [] : [named('/queue', trans.__('Queue'), '', trans)]),
    ...(isLocal ? [] : [named('/account', trans.__('Account'), profile.account ?? '', trans)]),
    ...Object.entries(profile.native ?? {}).map(([name, pattern]) =>
      nativeField(name, pattern, trans)
    ),
    nameField(trans),
    ...(kind === 'notebook' ? [placeField(around)] : []),
    ...(kind === 'notebook' && around.formats.length ? [formatsField(around)] : []),
    time('/give_up_after_s', trans.__('Give up if not started within'), trans),
    retriesField(trans),
    ...(retries > 0 ? [moreField(trans)] : []),
    atMostField(profile, trans),
    ...notifyFields(profile, around.ways, trans)
  ];
}

function kernelField({ kernel: fixed }: Profile, around: IAround): IField[] {
  const { kernels, ownKernel, sessionKernel, trans } = around;
  if (!kernels) {
    return [];
  }
  const titleOf = (name: string) => kernels.find(each => each.name === name)?.title;
  const choices: Choice[] = kernels.map(({ name, title }) => ({ value: name, label: title }));
  const own = fixed ?? ownKernel;
  const ownTitle = own && (titleOf(own) ?? own);
  if (ownTitle) {
    const label = fixed
      ? trans.__("The profile's: %1", ownTitle)
      : trans.__("The notebook's own: %1", ownTitle);
    choices.unshift({ value: '', label });
  } else {
    choices.unshift({ value: '', label: trans.__('Choose one') });
  }
  return [
    aField({
      pointer: '/kernel',
      section: 'more',
      label: trans.__('Kernel'),
      input: 'choice',
      initial: own ? '' : (sessionKernel ?? ''),
      hint: trans.__("It starts fresh, in the notebook's folder."),
      choices,
      isAlwaysSent: true,
      // A kernel is the notebook's affair: the next notebook may be in another language.
      isKept: false,
      read: text => {
        if (text !== '') {
          return { value: text };
        }
        if (!own) {
          return { problem: trans.__('The notebook does not say which kernel it needs.') };
        }
        // The profile's kernel may be known to nobody here.
        return fixed || titleOf(own)
          ? {}
          : { problem: trans.__('There is no kernel “%1” here: choose another.', own) };
      }
    })
  ];
}

function named(pointer: string, label: string, initial: string, trans: TranslationBundle): IField {
  const problem = trans.__('Use letters, digits and . _ @ - only.');
  return aField({
    pointer,
    section: 'more',
    label,
    initial,
    hint: initial ? '' : trans.__("The scheduler's own if left empty."),
    read: text => {
      const value = text.trim();
      return value === '' ? {} : NAME.test(value) ? { value } : { value, problem };
    }
  });
}

/** A pattern that only lists words, such as `normal|high`. */
const WORDS = /^[\w-]+(\|[\w-]+)+$/;

function nativeField(name: string, pattern: string, trans: TranslationBundle): IField {
  const form = expression(pattern);
  const where = { pointer: `/native/${escaped(name)}`, section: 'more' as const, label: name };
  if (WORDS.test(pattern)) {
    const listed = pattern.split('|').map(value => ({ value, label: value }));
    const choices = [{ value: '', label: trans.__('Not set') }, ...listed];
    return aField({ ...where, input: 'choice', choices });
  }
  return aField({
    ...where,
    hint: trans.__('Of the form %1', pattern),
    read: text => {
      if (text === '') {
        return {};
      }
      // The server looks again; where its patterns are not ours, it alone does.
      return form && !form.test(text)
        ? { problem: trans.__('“%1” is not of that form.', text), isUnfinished: true }
        : { value: text };
    }
  });
}

function expression(pattern: string): RegExp | null {
  try {
    return new RegExp(`^(?:${pattern})$`, 'u');
  } catch {
    return null;
  }
}

function nameField(trans: TranslationBundle): IField {
  return aField({
    pointer: '/name',
    section: 'more',
    label: trans.__('Name'),
    hint: trans.__("In the list of jobs; the notebook's if left empty."),
    isKept: false,
    read: text => {
      const value = text.trim();
      return value.length > 200
        ? { problem: trans.__('At most 200 characters.') }
        : value === ''
          ? {}
          : { value };
    }
  });
}

function placeField({ path, trans }: IAround): IField {
  const known = ['folder', 'name', 'date', 'time', 'profile', 'job'];
  return aField({
    pointer: '/lands_at',
    section: 'more',
    label: trans.__('Executed copy'),
    isWide: true,
    initial: USUAL_PLACE,
    hint: trans.__('Filled in: %1', known.map(word => `{${word}}`).join(' ')),
    read: text => {
      const value = text.trim();
      if (value === '') {
        return {};
      }
      const unknown = [...value.matchAll(/\{(.*?)\}/g)].find(([, word]) => !known.includes(word));
      if (unknown) {
        return { problem: trans.__('“%1” is not known here.', unknown[0]) };
      }
      return value.endsWith('.ipynb')
        ? { value, meant: placeOf(value, path) }
        : { problem: trans.__('Its name must end in .ipynb.'), isUnfinished: true };
    }
  });
}

/** As the server will fill it in, as far as that is known by now. */
function placeOf(template: string, path: string): string {
  const folder = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '.';
  const name = path.slice(path.lastIndexOf('/') + 1).replace(/\.[^.]*$/, '');
  return template
    .replaceAll('{folder}', folder)
    .replaceAll('{name}', name)
    .replace(/^(\.\/)+/, '');
}

function formatsField({ formats, trans }: IAround): IField {
  const titles: Readonly<Record<string, string>> = {
    html: 'HTML',
    pdf: 'PDF',
    script: trans.__('Script')
  };
  return ticks('/formats', trans.__('Beside it, as'), trans.__('Made of the executed copy.'), {
    choices: formats.map(value => ({ value, label: titles[value] ?? value }))
  });
}

function time(pointer: string, label: string, trans: TranslationBundle): IField {
  return aField({
    pointer,
    section: 'more',
    label,
    hint: trans.__('Such as 2 h. Empty: it waits as long as it takes.'),
    read: text => {
      if (text.trim() === '') {
        return {};
      }
      const value = readTime(text);
      if (value === null || value < 1) {
        return { problem: timeExamples(trans), isUnfinished: true };
      }
      const written = writeTime(value);
      return { value, meant: sameText(written, text) ? undefined : written };
    },
    write: value => writeTime(Number(value))
  });
}

function count(text: string, most: number, trans: TranslationBundle): Reading {
  const value = text.trim() === '' ? 0 : readCount(text);
  if (value === null) {
    return { problem: trans.__('Write a whole number.'), isUnfinished: true };
  }
  return value > most ? { problem: trans.__('At most %1.', most) } : value === 0 ? {} : { value };
}

function retriesField(trans: TranslationBundle): IField {
  return aField({
    pointer: '/retries/times',
    section: 'more',
    label: trans.__('Run again if it fails'),
    input: 'count',
    initial: '0',
    hint: trans.__('So many times, at most %1.', MOST_RETRIES),
    read: text => count(text, MOST_RETRIES, trans)
  });
}

function moreField(trans: TranslationBundle): IField {
  return aField({
    pointer: '/retries/more',
    section: 'more',
    label: trans.__('… with more memory or time if that was the cause'),
    input: 'tick',
    initial: 'false',
    read: text => ({ value: text === 'true' }),
    write: String
  });
}

function atMostField({ title }: Profile, trans: TranslationBundle): IField {
  return aField({
    pointer: '/at_most',
    section: 'more',
    label: trans.__('At most so many of mine at once'),
    input: 'count',
    hint: trans.__('On “%1”. Empty: no limit of yours.', title),
    read: text => count(text, 100_000, trans)
  });
}
