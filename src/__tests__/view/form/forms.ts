import { nullTranslator } from '@jupyterlab/translation';
import { parser } from '@lezer/python';

import type { Job, NewJob, Preview } from '../../../api/types';
import { needs } from '../../../notebook/names/needs';
import { analysed } from '../../../notebook/needs';
import { readParameters } from '../../../notebook/parameters';
import { aJob, aProfile } from '../../../testing/builders';
import type { Texts } from '../../../view/form/field';
import type { IFormOptions } from '../../../view/form/state';
import { FormState } from '../../../view/form/state';

export const PREVIEW: Preview = {
  script: '#!/bin/bash\nexec it',
  command: ['sbatch', '--comment=a b'],
  files: [{ path: 'job.sh', size: 2000 }],
  lands_at: 'runs/a.ipynb',
  estimated_start: null,
  warnings: ['The queue is long.'],
  cells: []
};

/** Two profiles of one cluster: a short queue and a long one. */
export const SHORT = aProfile({
  name: 'short',
  title: 'Short queue',
  scheduler: { type: 'slurm' },
  cluster: 'slurm',
  queue: 'short',
  resources: {
    cores: { default: 2, min: 1, max: 8 },
    memory_mb: { default: 4096, max: 16_384 },
    walltime_s: { default: 1800, min: 60, max: 14_400 },
    gpus: { default: 0, max: 2 }
  },
  gpu_types: ['a100', 'v100'],
  native: { qos: 'normal|high', feature: '[a-z]+', 'odd/~name': '(?P<x>.*)' }
});
export const LONG = aProfile({
  name: 'long',
  title: 'Long queue',
  scheduler: { type: 'slurm' },
  cluster: 'slurm',
  queue: 'long',
  resources: { cores: { default: 1, max: 4 }, walltime_s: { default: 3600, max: 172_800 } }
});

export type Fake = Readonly<{
  state: FormState;
  sent: (NewJob & { key?: string })[];
  kept: Record<string, Texts>;
  late: unknown[];
}>;

/** A form over cells with these sources, by their ids; the last is the chosen one. */
export function aForm(
  change: Partial<IFormOptions> = {},
  sources: Readonly<Record<string, string>> = { use: '1' },
  answer: () => Promise<Job> = async () => aJob()
): Fake {
  const sent: NewJob[] = [];
  const kept: Record<string, Texts> = {};
  const late: unknown[] = [];
  const tagged = 'params' in sources ? ['parameters'] : [];
  const cells = Object.entries(sources).map(([id, source]) => ({
    id,
    source,
    tags: id === 'params' ? tagged : id === 'setup' ? ['compute-setup'] : []
  }));
  const kind = change.around?.kind ?? 'cells';
  const chosen = kind === 'cells' ? [cells[cells.length - 1].id] : cells.map(({ id }) => id);
  const names = analysed(cells, parser);
  const state = new FormState({
    profiles: [SHORT, LONG, aProfile()],
    profile: SHORT,
    around: around(kind),
    parameters: sources.params
      ? { id: 'params', list: readParameters(sources.params, parser), parser }
      : null,
    cells,
    chosen,
    names,
    needed: needs(names, new Set(chosen)),
    before: 'needed',
    last: {},
    source: () => ({ kind, path: 'deep/a.ipynb', ...(kind === 'cells' && { cell_ids: chosen }) }),
    preview: async () => PREVIEW,
    send: async request => {
      sent.push(request);
      return answer();
    },
    tooLate: error => late.push(error),
    keep: (profile, texts) => {
      kept[profile] = texts;
    },
    ...change
  });
  return { state, sent, kept, late };
}

export function around(kind: 'notebook' | 'cells'): IFormOptions['around'] {
  return {
    kind,
    path: 'deep/a.ipynb',
    kernels: [
      { name: 'python3', title: 'Python 3' },
      { name: 'ir', title: 'R' }
    ],
    ownKernel: 'python3',
    sessionKernel: null,
    formats: ['html', 'script'],
    ways: null,
    trans: nullTranslator.load('test')
  };
}
