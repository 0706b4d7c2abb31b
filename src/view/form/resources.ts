import type { TranslationBundle } from '@jupyterlab/translation';

import type { Profile, Resources } from '../../api/types';
import { readCount, readMemory, readTime, tellMemory, writeMemory, writeTime } from '../quantities';
import type { IField, Reading, Texts, WayOut } from './field';
import { aField } from './field';

type Name = Exclude<keyof Resources, 'gpu_type'>;
type Kind = Readonly<{
  read(text: string): number | null;
  /** What is read again as exactly that. */
  write(value: number): string;
  /** For people, who are not helped by 21471 MiB. Never more than it is. */
  tell(value: number): string;
}>;
type Range = Readonly<{ default?: number; min?: number; max?: number }>;

const COUNT: Kind = { read: readCount, write: String, tell: String };
const MEMORY: Kind = { read: readMemory, write: writeMemory, tell: tellMemory };
const TIME: Kind = { read: readTime, write: writeTime, tell: writeTime };

/** In the order in which people ask. */
const KINDS: Readonly<Record<Name, Kind>> = {
  cores: COUNT,
  memory_mb: MEMORY,
  walltime_s: TIME,
  gpus: COUNT,
  nodes: COUNT,
  tasks: COUNT
};
const NAMES = Object.keys(KINDS) as Name[];
const GPU_TYPE = '/resources/gpu_type';

const pointerTo = (name: Name) => `/resources/${name}`;

/** What one may ask for there. What a profile fixes is not asked. */
export function resourceFields(
  profile: Profile,
  profiles: readonly Profile[],
  texts: Texts,
  trans: TranslationBundle
): IField[] {
  const types = gpusOf(profile, texts) > 0 ? (profile.gpu_types ?? []) : [];
  return NAMES.flatMap(name => {
    const range = profile.resources[name];
    const field = range && !isFixed(range) ? [quantity(name, range, profile, profiles, trans)] : [];
    return name === 'gpus' && types.length ? [...field, gpuType(types, trans)] : field;
  });
}

function isFixed({ min, max }: Range): boolean {
  return min !== undefined && min === max;
}

function gpusOf({ resources: { gpus } }: Profile, texts: Texts): number {
  const text = texts[pointerTo('gpus')];
  return gpus && !isFixed(gpus) && text !== undefined
    ? (readCount(text) ?? 0)
    : (gpus?.default ?? 0);
}

function quantity(
  name: Name,
  range: Range,
  profile: Profile,
  profiles: readonly Profile[],
  trans: TranslationBundle
): IField {
  const { read, write } = KINDS[name];
  return aField({
    pointer: pointerTo(name),
    section: 'resources',
    label: labels(profile, trans)[name],
    input: KINDS[name] === COUNT ? 'count' : 'line',
    initial: range.default === undefined ? '' : write(range.default),
    hint: [limits(name, range, trans), ifEmpty(name, range, profile, trans)]
      .filter(Boolean)
      .join(' · '),
    isAlwaysSent: true,
    read: text => {
      if (text.trim() === '') {
        return {};
      }
      const value = read(text);
      if (value === null) {
        return { problem: examples(KINDS[name], trans), isUnfinished: true };
      }
      const written = write(value);
      const meant = sameText(written, text) ? undefined : written;
      return { value, meant, ...beyond(name, value, profile, profiles, trans) };
    },
    write: value => write(Number(value))
  });
}

function gpuType(types: readonly string[], trans: TranslationBundle): IField {
  const any = { value: '', label: trans.__('Any') };
  return aField({
    pointer: GPU_TYPE,
    section: 'resources',
    label: trans.__('Kind of GPU'),
    input: 'choice',
    choices: [any, ...types.map(type => ({ value: type, label: type }))]
  });
}

function labels({ resources }: Profile, trans: TranslationBundle): Readonly<Record<Name, string>> {
  const mayBeSeveral = (range: Range | undefined) => range !== undefined && (range.max ?? 2) > 1;
  const isByNode = mayBeSeveral(resources.nodes);
  return {
    cores: mayBeSeveral(resources.tasks) ? trans.__('Cores per task') : trans.__('Cores'),
    memory_mb: isByNode ? trans.__('Memory per node') : trans.__('Memory'),
    walltime_s: trans.__('Time limit'),
    gpus: isByNode ? trans.__('GPUs per node') : trans.__('GPUs'),
    nodes: trans.__('Nodes'),
    tasks: trans.__('Tasks')
  };
}

/** What happens when nothing is asked for. */
function ifEmpty(
  name: Name,
  range: Range,
  { scheduler }: Profile,
  trans: TranslationBundle
): string {
  if (range.default !== undefined || KINDS[name] === COUNT) {
    return '';
  }
  return scheduler.type === 'local'
    ? trans.__('Empty: no limit')
    : trans.__('Empty: the scheduler decides');
}

/** Said before it is hit. */
function limits(name: Name, { min, max }: Range, trans: TranslationBundle): string {
  const { write, tell } = KINDS[name];
  const least = min !== undefined && min > 1 ? write(min) : null;
  const most = max === undefined ? null : tell(max);
  if (least && most) {
    return trans.__('%1 to %2', least, most);
  }
  if (most) {
    return trans.__('Up to %1', most);
  }
  return least ? trans.__('At least %1', least) : '';
}

function beyond(
  name: Name,
  value: number,
  profile: Profile,
  profiles: readonly Profile[],
  trans: TranslationBundle
): Pick<Reading, 'problem' | 'wayOut'> {
  const { write, tell } = KINDS[name];
  const { min, max } = profile.resources[name] ?? {};
  const wayOut = () => wayOutOf(name, value, profile, profiles, trans);
  if (max !== undefined && value > max) {
    const problem = trans.__('“%1” allows at most %2.', profile.title, tell(max));
    return { problem, wayOut: wayOut() };
  }
  const least = min ?? (name === 'gpus' ? 0 : 1);
  if (value < least) {
    const problem = trans.__('“%1” asks for at least %2.', profile.title, write(least));
    return { problem, wayOut: wayOut() };
  }
  return {};
}

/** The profile that allows it: one that answers rather than not, of the same cluster rather than another, the tightest of all. */
function wayOutOf(
  name: Name,
  value: number,
  { cluster }: Profile,
  profiles: readonly Profile[],
  trans: TranslationBundle
): WayOut | null {
  const reach = (profile: Profile) => profile.resources[name]?.max ?? Infinity;
  const allowing = profiles.filter(({ resources }) => {
    const range = resources[name];
    return range && value >= (range.min ?? 1) && value <= (range.max ?? Infinity);
  });
  const [best] = allowing.sort(
    (a, b) =>
      Number(b.available.ok) - Number(a.available.ok) ||
      Number(b.cluster === cluster) - Number(a.cluster === cluster) ||
      reach(a) - reach(b) ||
      0
  );
  if (!best) {
    return null;
  }
  const most = best.resources[name]?.max;
  const label =
    most === undefined
      ? trans.__('Use “%1”, which allows it', best.title)
      : trans.__('Use “%1”, which allows %2', best.title, KINDS[name].tell(most));
  return { profile: best.name, label };
}

function examples(kind: Kind, trans: TranslationBundle): string {
  switch (kind) {
    case MEMORY:
      return trans.__('Write a size with its unit, such as 4 GiB or 512 MiB.');
    case TIME:
      return timeExamples(trans);
    default:
      return trans.__('Write a whole number.');
  }
}

export function timeExamples(trans: TranslationBundle): string {
  return trans.__('Write a time with its unit, such as 90 min, 1:30 (hours and minutes) or 2 d.');
}

/** Whether a text is already as we would write it; blanks and case are no difference. */
export function sameText(written: string, text: string): boolean {
  const plain = (each: string) => each.replace(/\s+/g, '').toLowerCase();
  return plain(written) === plain(text);
}
