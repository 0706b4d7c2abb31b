import { nullTranslator } from '@jupyterlab/translation';

import { aProfile } from '../../../testing/builders';
import { readingsOf, settingsOf, textsOf } from '../../../view/profiles/convert';
import { copyOf, freeName, settingsFrom, withProfile } from '../../../view/profiles/copies';
import { groupsOf } from '../../../view/profiles/fields';
import type { Settings } from '../../../view/profiles/values';

const trans = nullTranslator.load('test');
const groups = groupsOf(['compute-nice'], new Set(['taken']), trans);

/** What is saved when somebody writes these texts into the form of those settings. */
function saved(settings: Settings, texts: Record<string, string> = {}): Settings {
  const all = { ...textsOf('name', settings, groups), ...texts };
  return settingsOf(settings, readingsOf(all, groups, trans));
}

function problemOf(pointer: string, texts: Record<string, string>): string | undefined {
  const all = { ...textsOf('name', {}, groups), ...texts };
  return readingsOf(all, groups, trans).get(pointer)?.problem;
}

const EVERYTHING: Settings = {
  title: 'GPU',
  description: 'For training.',
  scheduler: { type: 'slurm', cluster: 'big' },
  resources: { cores: 4, memory_mb: { default: 4096, max: 8192 }, gpus: { default: 0, max: 2 } },
  queue: 'gpu',
  account: 'a@b',
  native: { nice: '[0-9]+', constraint: '[a-z=]+' },
  gpu_types: ['a100', 'h100'],
  environment: {
    kernel: 'r',
    modules: ['gcc/12'],
    setup: ['ulimit -c 0', 'export A=1'],
    variables: { DATA: '/data', B: 'x=y' }
  },
  run_root: '$SCRATCH/runs',
  runner_python: '/opt/python',
  use_comment: false,
  requeue: true,
  show_names: true,
  at_most: 3,
  default: true,
  of_another_version: { kept: true }
};

describe('the form of a profile', () => {
  it('changes nothing by being opened and saved', () => {
    expect(saved(EVERYTHING)).toEqual(EVERYTHING);
  });

  it('takes units as people write them', () => {
    const made = saved(
      { scheduler: { type: 'slurm' } },
      {
        '/title': ' Small ',
        '/resources/cores/default': '2',
        '/resources/memory_mb/default': '4 GB',
        '/resources/walltime_s/min': '90 min',
        '/resources/walltime_s/default': '12 h',
        '/resources/walltime_s/max': '2-00:00'
      }
    );
    expect(made).toEqual({
      title: 'Small',
      scheduler: { type: 'slurm' },
      resources: {
        cores: { default: 2 },
        memory_mb: { default: 4096 },
        walltime_s: { min: 5400, default: 43_200, max: 172_800 }
      }
    });
  });

  it('shows a fixed number three times, and reads three equal ones as fixed', () => {
    const texts = textsOf('name', { resources: { cores: 4 } }, groups);
    expect(['min', 'default', 'max'].map(each => texts[`/resources/cores/${each}`])).toEqual([
      '4',
      '4',
      '4'
    ]);
    expect(saved({ resources: { cores: { default: 1 } } }, texts).resources).toEqual({ cores: 4 });
  });

  it('leaves out what is emptied, and no more', () => {
    const texts = { '/queue': '', '/resources/cores/min': '', '/resources/cores/default': '' };
    const made = saved(EVERYTHING, { ...texts, '/resources/cores/max': '', '/native': ' ' });
    const { queue, native, resources, ...rest } = EVERYTHING;
    const { cores, ...others } = resources as Settings;
    expect([queue, native, cores]).not.toContain(undefined);
    expect(made).toEqual({ ...rest, resources: others });
  });

  it('reads the short form of a scheduler', () => {
    expect(saved({ scheduler: 'slurm' })).toEqual({ scheduler: { type: 'slurm' } });
  });

  it.each<[string, Record<string, string>]>([
    ['/name', { '/name': 'two words' }],
    ['/name', { '/name': 'taken' }],
    ['/queue', { '/queue': '--all' }],
    ['/at_most', { '/at_most': '0' }],
    ['/resources/cores/default', { '/resources/cores/default': '0' }],
    ['/resources/cores/max', { '/resources/cores/max': 'many' }],
    ['/resources/memory_mb/default', { '/resources/memory_mb/default': '4096' }],
    ['/resources/walltime_s/default', { '/resources/walltime_s/default': '12' }],
    ['/resources/cores/default', { '/resources/cores/default': '9', '/resources/cores/max': '8' }],
    ['/resources/cores/default', { '/resources/cores/min': '9', '/resources/cores/max': '8' }],
    ['/environment/variables', { '/environment/variables': 'A B=1' }],
    ['/environment/variables', { '/environment/variables': 'DATA' }],
    ['/native', { '/native': 'nice=(' }]
  ])('says what is wrong at %s for %j', (pointer, texts) => {
    expect(problemOf(pointer, texts)).toEqual(expect.any(String));
  });

  it.each<[string, Settings, string]>([
    ['/resources/cores/default', { resources: { cores: { default: 'four' } } }, 'four'],
    ['/environment/modules', { environment: { modules: 'gcc' } }, 'gcc'],
    ['/title', { title: ['x'] }, '["x"]'],
    ['/native', { native: ['nice'] }, '["nice"]'],
    ['/resources/cores/default', { resources: { cores: ['x'] } }, ''],
    ['/resources/cores/default', { resources: 7 }, '7'],
    ['/environment/kernel', { environment: null }, '']
  ])('is not broken by a wrong type at %s', (pointer, settings, text) => {
    expect(textsOf('name', settings, groups)[pointer]).toBe(text);
    expect(() => saved(settings)).not.toThrow();
  });
});

describe('copies', () => {
  it('take all that the settings hold, but not that it is the default', () => {
    const { default: isDefault, ...rest } = EVERYTHING;
    expect(isDefault).toBe(true);
    const copy = copyOf(aProfile({ name: 'gpu' }), EVERYTHING, 'GPU (copy)');
    expect(copy).toEqual({ ...rest, title: 'GPU (copy)' });
  });

  it('take what the list knows of one that was found', () => {
    const found = aProfile({
      scheduler: { type: 'slurm' },
      resources: { cores: { min: 2, default: 2, max: 2 }, memory_mb: { default: 512, max: 1024 } },
      queue: 'debug',
      kernel: 'r',
      native: {},
      at_most: null
    });
    expect(settingsFrom(found)).toEqual({
      title: 'This machine',
      scheduler: { type: 'slurm' },
      resources: { cores: 2, memory_mb: { default: 512, max: 1024 } },
      queue: 'debug',
      environment: { kernel: 'r' }
    });
  });

  it('get a name that is free and allowed', () => {
    expect(freeName('small', new Set())).toBe('small-copy');
    expect(freeName('small', new Set(['small-copy', 'small-copy-2']))).toBe('small-copy-3');
    expect(freeName('x'.repeat(100), new Set()).length).toBeLessThanOrEqual(100);
  });

  it('stand where the old one stood, and touch no other', () => {
    const mine = { a: { title: 'A' }, b: 'broken', c: { title: 'C' } };
    const made = withProfile(mine, 'a', 'z', { title: 'Z' });
    expect(Object.entries(made)).toEqual([
      ['z', { title: 'Z' }],
      ['b', 'broken'],
      ['c', { title: 'C' }]
    ]);
    expect(Object.keys(withProfile(mine, null, 'd', {}))).toEqual(['a', 'b', 'c', 'd']);
  });
});
