import type { TranslationBundle } from '@jupyterlab/translation';

import type { Json } from '../../notebook/literals';
import type { IField, Reading } from '../form/field';
import { aField } from '../form/field';
import { readCount, readMemory, readTime, writeMemory, writeTime } from '../quantities';
import { schedulerName } from '../words';
import { isObject, plain } from './values';

/** Fields that belong together, under a heading. */
export type Group = Readonly<{
  title: string;
  help: string;
  /** Whether it is out of sight until one wants it. */
  isFolded: boolean;
  fields: readonly IField[];
}>;

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;
const WORD = /^[A-Za-z0-9][A-Za-z0-9._@-]{0,99}$/;
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;
const OPTION = /^[A-Za-z0-9][A-Za-z0-9-]*$/;
/** Where a profile's name stands among the texts; it is the key, not a part of the profile. */
export const NAME_POINTER = '/name';

/** All that a profile can say, by the pointers of the settings. `taken`: names that cannot be given. */
export function groupsOf(
  types: readonly string[],
  taken: ReadonlySet<string>,
  trans: TranslationBundle
): Group[] {
  const field = (pointer: string, label: string, more: Partial<IField> = {}) =>
    aField({ pointer, section: 'more', label, write: plain, ...more });
  const word = (pointer: string, label: string, hint = '') =>
    field(pointer, label, {
      hint,
      read: text =>
        text.trim() && !WORD.test(text.trim())
          ? { problem: trans.__('One word of letters, digits and . _ @ -') }
          : value(text.trim())
    });
  const tick = (pointer: string, label: string, initial: boolean, hint = '') =>
    field(pointer, label, {
      input: 'tick',
      hint,
      initial: String(initial),
      read: text => (text === String(initial) ? {} : { value: text === 'true' })
    });
  const lines = (pointer: string, label: string, hint: string) =>
    field(pointer, label, {
      input: 'lines',
      hint,
      read: text => value(text.split('\n').filter(line => line.trim())),
      write: written => (Array.isArray(written) ? written.join('\n') : plain(written))
    });
  const words = (pointer: string, label: string, hint: string) =>
    field(pointer, label, {
      hint,
      read: text => value(text.split(/[\s,]+/).filter(Boolean)),
      write: written => (Array.isArray(written) ? written.join(' ') : plain(written))
    });
  const pairs = (pointer: string, label: string, hint: string, key: RegExp, check = isText) =>
    field(pointer, label, {
      input: 'lines',
      hint,
      read: text => readPairs(text, key, check, trans),
      write: written =>
        isObject(written)
          ? Object.entries(written)
              .map(([name, text]) => `${name}=${plain(text)}`)
              .join('\n')
          : plain(written)
    });
  const kinds = [...new Set(['local', 'slurm', ...types])];
  return [
    {
      title: trans.__('What people read'),
      help: '',
      isFolded: false,
      fields: [
        field('/title', trans.__('Title'), {
          read: text =>
            text.trim().length > 200
              ? { problem: trans.__('At most 200 characters.') }
              : value(text.trim())
        }),
        field(NAME_POINTER, trans.__('Name'), {
          hint: trans.__('Jobs remember it. Letters, digits and . _ -'),
          read: text => {
            if (!NAME.test(text.trim())) {
              return { problem: trans.__('A name consists of letters, digits and . _ -') };
            }
            return taken.has(text.trim())
              ? { problem: trans.__('There is another profile of that name.') }
              : { value: text.trim() };
          }
        }),
        field('/description', trans.__('Description'), { isWide: true })
      ]
    },
    {
      title: trans.__('Where jobs go'),
      help: '',
      isFolded: false,
      fields: [
        field('/scheduler/type', trans.__('Scheduler'), {
          input: 'choice',
          initial: kinds[0],
          isAlwaysSent: true,
          choices: kinds.map(type => ({ value: type, label: schedulerName(type, trans) }))
        }),
        word('/queue', trans.__('Queue'), trans.__('Or partition. Empty: the usual one.')),
        word('/account', trans.__('Account'), trans.__('Whose hours are used.')),
        field('/at_most', trans.__('Jobs of mine at once'), {
          input: 'count',
          hint: trans.__('Further ones wait here. Empty: any number.'),
          read: text => {
            const count = text.trim() === '' ? undefined : readCount(text);
            return count === undefined
              ? {}
              : count
                ? { value: count }
                : { problem: trans.__('A whole number from 1 on.') };
          }
        })
      ]
    },
    {
      title: trans.__('What a job gets'),
      help: trans.__(
        'The usual value, and how little and how much one may ask for. The same in all three is fixed; a row left empty cannot be chosen.'
      ),
      isFolded: false,
      fields: resourceFields(trans)
    },
    {
      title: trans.__('Environment'),
      help: trans.__('It surrounds the kernel only.'),
      isFolded: true,
      fields: [
        field('/environment/kernel', trans.__('Kernel'), {
          hint: trans.__('Empty: the notebook’s own.')
        }),
        words('/environment/modules', trans.__('Modules'), trans.__('Such as gcc/12 cuda/12.4')),
        lines(
          '/environment/setup',
          trans.__('Setup lines'),
          trans.__('Shell; they run before the kernel starts.')
        ),
        pairs(
          '/environment/variables',
          trans.__('Variables'),
          trans.__('One a line: DATA=/data'),
          VARIABLE
        )
      ]
    },
    {
      title: trans.__('Further'),
      help: '',
      isFolded: true,
      fields: [
        words('/gpu_types', trans.__('GPU types'), trans.__('Such as a100 h100')),
        pairs(
          '/native',
          trans.__('Options of the scheduler that a job may set'),
          trans.__('One a line, with the pattern of its value: constraint=[a-z0-9]+'),
          OPTION,
          isPattern
        ),
        field('/run_root', trans.__('Run folders'), {
          hint: trans.__('Compute nodes must see it; $SCRATCH, $HOME and $USER are filled in.')
        }),
        field('/runner_python', trans.__('Python of the runner'), {
          hint: trans.__('Empty: this server’s own.')
        }),
        tick('/default', trans.__('The one to start with'), false),
        tick('/requeue', trans.__('The scheduler may run it again'), false),
        tick(
          '/show_names',
          trans.__('Jobs bear the notebook’s name'),
          false,
          trans.__('Everybody can read it in the queue.')
        ),
        tick('/use_comment', trans.__('Tag jobs in the scheduler’s comment'), true)
      ]
    }
  ];
}

type Kind = Readonly<{
  name: string;
  label: string;
  read(text: string): number | null;
  write(value: number): string;
  help: string;
}>;

/** How little, usual, how much: the columns of a resource. */
export const COLUMNS = ['min', 'default', 'max'] as const;

function resourceFields(trans: TranslationBundle): IField[] {
  const count = trans.__('A whole number.');
  const counted = (name: string, label: string): Kind => ({
    name,
    label,
    read: readCount,
    write: String,
    help: count
  });
  const kinds: Kind[] = [
    counted('cores', trans.__('Cores')),
    {
      name: 'memory_mb',
      label: trans.__('Memory'),
      read: readMemory,
      write: writeMemory,
      help: trans.__('A size with its unit, such as 4 GiB.')
    },
    {
      name: 'walltime_s',
      label: trans.__('Time limit'),
      read: readTime,
      write: writeTime,
      help: trans.__('A time with its unit, such as 90 min or 12 h.')
    },
    counted('gpus', trans.__('GPUs')),
    counted('tasks', trans.__('Tasks')),
    counted('nodes', trans.__('Nodes'))
  ];
  const columns = {
    min: (label: string) => trans.__('%1, at least', label),
    default: (label: string) => trans.__('%1, usually', label),
    max: (label: string) => trans.__('%1, at most', label)
  };
  return kinds.flatMap(({ name, label, read, write, help }) =>
    COLUMNS.map(column =>
      aField({
        pointer: `/resources/${name}/${column}`,
        section: 'resources',
        label: columns[column](label),
        read: text => {
          if (text.trim() === '') {
            return {};
          }
          const number = read(text);
          if (number === null) {
            return { problem: help, isUnfinished: true };
          }
          return number === 0 && name !== 'gpus' && column !== 'min'
            ? { problem: trans.__('Nothing at all is not enough.') }
            : { value: number };
        },
        write: written => (typeof written === 'number' ? write(written) : plain(written))
      })
    )
  );
}

function readPairs(
  text: string,
  key: RegExp,
  check: (text: string) => boolean,
  trans: TranslationBundle
): Reading {
  const made: Record<string, string> = {};
  for (const line of text.split('\n').filter(each => each.trim())) {
    const [, name, written] = /^\s*([^=\s]+)\s*=(.*)$/.exec(line) ?? [];
    if (name === undefined || !key.test(name) || !check(written)) {
      return { problem: trans.__('“%1” is not a line like NAME=value.', line.trim()) };
    }
    made[name] = written.trim();
  }
  return value(made);
}

function isPattern(text: string): boolean {
  try {
    return Boolean(new RegExp(text.trim()));
  } catch {
    return false;
  }
}

function isText(text: string): boolean {
  return typeof text === 'string';
}

/** Nothing at all is left out. */
function value(made: Json): Reading {
  const isEmpty =
    made === '' || (typeof made === 'object' && made !== null && Object.keys(made).length === 0);
  return isEmpty ? {} : { value: made };
}
