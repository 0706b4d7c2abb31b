import { nullTranslator } from '@jupyterlab/translation';

import type { Job, Profile } from '../../../api/types';
import { aJob, aProfile } from '../../../testing/builders';
import { cureOf } from '../../../view/job/cure';

const trans = nullTranslator.load('test');

/** A job that failed for that reason, with 2 GiB and one hour. */
function failed(code: string, change: Partial<Job> = {}): Job {
  const resources = { memory_mb: 2048, walltime_s: 3600 };
  const reason = { code, text: '' };
  return aJob({ state: 'failed', reason, resources, can: ['retry', 'forget'], ...change });
}

function allowing(resources: Profile['resources']): Profile {
  return aProfile({ title: 'Small', resources });
}

const ROOMY = allowing({ memory_mb: { max: 8192 }, walltime_s: { max: 86_400 } });

describe('the cure of a failure', () => {
  it.each([
    ['out_of_memory', 'Run again with 4 GiB', { memory_mb: 4096 }],
    ['timeout', 'Run again with 2:00:00', { walltime_s: 7200 }],
    ['node_failed', 'Run again', undefined]
  ])('of %s is: %s', (code, label, resources) => {
    expect(cureOf(failed(code), ROOMY, trans)).toEqual({
      kind: 'again',
      label,
      ...(resources && { resources })
    });
  });

  it('asks for no more than the profile allows', () => {
    const profile = allowing({ memory_mb: { max: 3072 } });
    const cure = cureOf(failed('out_of_memory'), profile, trans);
    expect(cure).toMatchObject({ label: 'Run again with 3 GiB', resources: { memory_mb: 3072 } });
  });

  it.each([
    ['had all', allowing({ memory_mb: { max: 2048 } }), 'It had all the memory'],
    ['cannot be chosen', allowing({}), 'does not let one choose the memory'],
    ['is gone with its profile', undefined, 'is no longer there']
  ])('is to edit where the memory %s', (_, profile, why) => {
    const cure = cureOf(failed('out_of_memory'), profile, trans);
    expect(cure).toMatchObject({ kind: 'edit', label: 'Edit and run again…' });
    expect(cure).toHaveProperty('why', expect.stringContaining(why));
  });

  it('of an error in a cell is to look at it', () => {
    const progress = { done: 1, total: 2, current: null };
    expect(cureOf(failed('error', { progress }), ROOMY, trans)).toMatchObject({ kind: 'look' });
  });

  it('is not there for what did not fail, or cannot be run again', () => {
    expect(cureOf(failed('timeout', { state: 'succeeded' }), ROOMY, trans)).toBeNull();
    expect(cureOf(failed('timeout', { can: ['forget'] }), ROOMY, trans)).toBeNull();
  });
});
