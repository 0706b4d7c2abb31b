import { ComputeError } from '../../../api/errors';
import { aJob, aProfile } from '../../../testing/builders';
import type { FormState } from '../../../view/form/state';
import { aForm, around, LONG, PREVIEW, SHORT } from './forms';

const pointers = ({ snapshot }: FormState) => snapshot.fields.map(({ pointer }) => pointer);
const problemOf = ({ snapshot }: FormState, pointer: string) => snapshot.readings[pointer];
const refused = (pointer?: string) =>
  new ComputeError('No.', { code: 'invalid', hint: 'Mend it.', status: 422, pointer });

describe('the fields', () => {
  it('are those that the profile offers', () => {
    const { state } = aForm();
    expect(pointers(state)).toEqual([
      '/resources/cores',
      '/resources/memory_mb',
      '/resources/walltime_s',
      '/resources/gpus',
      '/kernel',
      '/account',
      '/native/qos',
      '/native/feature',
      '/native/odd~1~0name',
      '/name',
      '/give_up_after_s',
      '/retries/times',
      '/at_most'
    ]);
    state.choose('local');
    expect(pointers(state)).not.toContain('/account');
    expect(pointers(state)).not.toContain('/resources/gpus');
  });

  it('leave out what is fixed, and ask for a queue only where none is', () => {
    const fixed = aProfile({
      scheduler: { type: 'slurm' },
      resources: { cores: { default: 4, min: 4, max: 4 }, nodes: { default: 1, max: 3 } }
    });
    const { state } = aForm({ profile: fixed });
    expect(pointers(state)).not.toContain('/resources/cores');
    expect(pointers(state)).toContain('/queue');
  });

  it('ask of what kind GPUs are once there are some', () => {
    const { state } = aForm();
    state.type('/resources/gpus', '1');
    expect(pointers(state)).toContain('/resources/gpu_type');
    state.type('/resources/gpus', '0');
    expect(pointers(state)).not.toContain('/resources/gpu_type');
  });

  it('are about the executed copy for whole notebooks only', () => {
    const { state } = aForm({ around: around('notebook') });
    expect(pointers(state)).toEqual(expect.arrayContaining(['/lands_at', '/formats']));
    expect(state.snapshot.readings['/lands_at'].meant).toBe('deep/runs/a-{date}-{time}.ipynb');
  });

  it('set parameters of a cell that runs', () => {
    const sources = { params: 'a = 1', other: '0', use: 'print(0)' };
    const { state } = aForm({}, sources);
    expect(pointers(state)).not.toContain('/parameters/a');
    state.include('params');
    expect(pointers(state)).toContain('/parameters/a');
    expect(state.snapshot.ids).toEqual(['params']);
  });
});

describe('limits', () => {
  it('are said beforehand', () => {
    const { fields } = aForm().state.snapshot;
    expect(fields.slice(0, 4).map(({ hint }) => hint)).toEqual([
      'Up to 8',
      'Up to 16 GiB',
      '1 min to 4 h',
      'Up to 2'
    ]);
  });

  it('name the profile that allows more', () => {
    const { state } = aForm();
    state.type('/resources/walltime_s', '2 d');
    expect(problemOf(state, '/resources/walltime_s')).toMatchObject({
      problem: '“Short queue” allows at most 4 h.',
      wayOut: { profile: 'long', label: 'Use “Long queue”, which allows 2 d' }
    });
    state.choose('long');
    expect(state.snapshot.texts['/resources/walltime_s']).toBe('2 d');
    expect(problemOf(state, '/resources/walltime_s').problem).toBeUndefined();
  });

  it('name the tightest of those that answer, and none where none is', () => {
    const down = { ok: false, reason: 'Down.', checked_at: null };
    const cores = (max: number) => ({ cores: { default: 1, max } });
    const profiles = [
      SHORT,
      aProfile({ name: 'huge', resources: cores(999) }),
      aProfile({ name: 'down', resources: cores(64), available: down }),
      aProfile({ name: 'big', resources: cores(128) })
    ];
    const { state } = aForm({ profiles });
    state.type('/resources/cores', '64');
    expect(problemOf(state, '/resources/cores').wayOut?.profile).toBe('big');
    state.type('/resources/cores', '1000');
    expect(problemOf(state, '/resources/cores').wayOut).toBeNull();
  });

  it('count from below too', () => {
    const { state } = aForm();
    state.type('/resources/walltime_s', '30 s');
    expect(problemOf(state, '/resources/walltime_s').problem).toBe(
      '“Short queue” asks for at least 1 min.'
    );
    state.type('/resources/cores', '0');
    expect(problemOf(state, '/resources/cores').problem).toContain('at least 1');
  });
});

describe('what is sent', () => {
  it('is what one sees of resources, and only what was changed of all else', async () => {
    const { state, sent } = aForm();
    state.type('/resources/memory_mb', '1.5g');
    state.type('/native/qos', 'high');
    state.type('/retries/times', '2');
    state.type('/retries/more', 'true');
    state.type('/give_up_after_s', '1:30');
    state.type('/at_most', '3');
    expect(await state.run()).not.toBeNull();
    expect(sent[0]).toEqual({
      key: expect.stringMatching(/^[A-Za-z0-9_-]{8,100}$/),
      profile: 'short',
      source: { kind: 'cells', path: 'deep/a.ipynb', cell_ids: ['use'] },
      before: 'nothing',
      resources: { cores: 2, memory_mb: 1536, walltime_s: 1800, gpus: 0 },
      native: { qos: 'high' },
      retries: { times: 2, more: true },
      give_up_after_s: 5400,
      at_most: 3
    });
  });

  it('sets only those parameters that are not as in the notebook', async () => {
    const params = 'a = 1\nb = "x"\nc = [1]\nd = True\nwhen = now()';
    const { state, sent } = aForm({}, { params, use: 'a, b, c, d, when, now' });
    expect(state.snapshot.missing).toEqual([{ name: 'now', givenBy: null }]);
    await state.run();
    expect(sent[0]).not.toHaveProperty('parameters');
    state.type('/parameters/a', '2');
    state.type('/parameters/b', '');
    state.type('/parameters/c', "['y', None]");
    state.type('/parameters/d', 'false');
    state.type('/parameters/when', "'today'");
    await state.run();
    expect(sent[1].parameters).toEqual({ a: 2, b: '', c: ['y', null], d: false, when: 'today' });
  });

  it('has the needed cells as they were ticked', async () => {
    const { state, sent } = aForm({}, { base: 'x = 1', more: 'y = 1', use: 'x' });
    expect(state.snapshot.ids).toEqual(['base']);
    state.include('more');
    await state.run();
    expect(sent[0]).toMatchObject({ before: 'needed', before_cell_ids: ['base', 'more'] });
    state.prepare('above', state.snapshot.ids);
    await state.run();
    expect(sent[1].before).toBe('above');
    expect(sent[1]).not.toHaveProperty('before_cell_ids');
  });

  it('has nothing before a whole notebook', async () => {
    const { state, sent } = aForm({ around: around('notebook') });
    state.type('/formats', 'html');
    await state.run();
    expect(sent[0]).toMatchObject({ formats: ['html'] });
    expect(sent[0]).not.toHaveProperty('before');
    expect(sent[0]).not.toHaveProperty('lands_at');
  });

  it('tells both halves of a notification, also when one was changed', async () => {
    const ways = {
      mail: { ok: false },
      scheduler_mail: { ok: true },
      mailing_schedulers: ['slurm'],
      mail_to: 'ada@example.org',
      webhook: { ok: false },
      usual: { on: ['failed'], by: ['mail'] }
    };
    const { state, sent } = aForm({ around: { ...around('cells'), ways } });
    await state.run();
    expect(sent[0]).not.toHaveProperty('notify');
    state.type('/notify/on', 'started ended');
    await state.run();
    expect(sent[1].notify).toEqual({ on: ['started', 'ended'], by: ['mail'] });
    state.choose('local');
    expect(pointers(state)).not.toContain('/notify/by');
  });

  it('is nothing while a field cannot be read', async () => {
    const { state, sent } = aForm();
    state.type('/resources/memory_mb', '4');
    expect(await state.run()).toBeNull();
    expect(await state.look()).toBe(false);
    expect(sent).toEqual([]);
    expect(state.faulty).toEqual(['/resources/memory_mb']);
    expect(state.snapshot.hasTried).toBe(true);
  });

  it('keeps its key while no answer comes and nothing is changed', async () => {
    const answers = [refused(), refused(), null];
    const { state, sent } = aForm({}, undefined, async () => {
      const error = answers.shift();
      if (error) {
        throw error;
      }
      return aJob();
    });
    await state.run();
    await state.run();
    state.type('/resources/cores', '3');
    await state.run();
    const [first, again, other] = sent.map(({ key }) => key);
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });

  it('is sent once, however often one asks', async () => {
    const { state, sent } = aForm();
    await Promise.all([state.run(), state.run()]);
    expect(sent).toHaveLength(1);
  });
});

describe("the server's word", () => {
  it.each([
    ['/resources/cores', '/resources/cores'],
    ['/native/odd~1~0name', '/native/odd~1~0name'],
    ['/retries', '/retries/times'],
    ['/before_cell_ids/3', '/before'],
    ['/profile', '/profile'],
    ['/source/cell_ids/0', null],
    [undefined, null]
  ])('about %s stands at %s', async (pointer, at) => {
    const { state } = aForm({}, undefined, async () => {
      throw refused(pointer);
    });
    await state.run();
    expect(state.snapshot.problem).toEqual({ text: 'No.', hint: 'Mend it.', pointer: at });
  });

  it('is gone when its field is touched, not when another is', async () => {
    const { state } = aForm({}, undefined, async () => {
      throw refused('/account');
    });
    await state.run();
    state.type('/resources/cores', '3');
    expect(state.snapshot.problem).not.toBeNull();
    state.type('/account', 'mine');
    expect(state.snapshot.problem).toBeNull();
  });

  it('may be why the form is there', () => {
    const { state } = aForm({ problem: refused('/kernel'), request: { kernel: 'ir' } });
    expect(state.faulty).toEqual(['/kernel']);
    expect(state.snapshot.texts['/kernel']).toBe('ir');
  });

  it('is told elsewhere when the form is gone', async () => {
    const { state, late } = aForm({}, undefined, async () => {
      throw refused();
    });
    const done = state.run();
    state.dispose();
    await done;
    expect(late).toHaveLength(1);
  });

  it('ends the preview that it is about', async () => {
    let isFine = true;
    const preview = async () => {
      if (!isFine) {
        throw refused('/account');
      }
      return PREVIEW;
    };
    const { state } = aForm({ preview });
    expect(await state.look()).toBe(true);
    expect(state.snapshot.preview).toBe(PREVIEW);
    state.back();
    isFine = false;
    expect(await state.look()).toBe(false);
    expect(state.snapshot.preview).toBeNull();
  });
});

describe('the values of the last time', () => {
  it('are kept by profile: what was changed, of that which counts for any notebook', async () => {
    const { state, kept } = aForm({}, { params: 'a = 1', use: 'a' });
    state.type('/resources/cores', '4');
    state.type('/account', 'mine');
    state.type('/kernel', 'ir');
    state.type('/name', 'mine');
    state.type('/parameters/a', '2');
    await state.run();
    expect(kept).toEqual({ short: { '/resources/cores': '4', '/account': 'mine' } });
  });

  it('are there again for their profile only', () => {
    const { state } = aForm({ last: { short: { '/resources/cores': '4' } } });
    expect(state.snapshot.texts['/resources/cores']).toBe('4');
    state.choose(LONG.name);
    expect(state.snapshot.texts['/resources/cores']).toBe('1');
    state.choose(SHORT.name);
    expect(state.snapshot.texts['/resources/cores']).toBe('4');
  });

  it('are not kept of what was refused', async () => {
    const { state, kept } = aForm({}, undefined, async () => {
      throw refused();
    });
    await state.run();
    expect(kept).toEqual({});
  });

  it('give way to those of an earlier job', async () => {
    const { state, sent } = aForm(
      {
        last: { short: { '/resources/cores': '4' } },
        request: {
          resources: { cores: 3, memory_mb: 1100, gpus: 1, gpu_type: 'v100' },
          native: { 'odd/~name': 'x' },
          retries: { times: 1, more: true },
          parameters: { a: 5, gone: 1 },
          before: 'needed',
          before_cell_ids: ['params']
        }
      },
      { params: 'a = 1', use: 'a' }
    );
    await state.run();
    expect(sent[0]).toMatchObject({
      resources: { cores: 3, memory_mb: 1100, gpus: 1, gpu_type: 'v100' },
      native: { 'odd/~name': 'x' },
      retries: { times: 1, more: true },
      parameters: { a: 5 },
      before_cell_ids: ['params']
    });
  });
});

describe('the kernel', () => {
  const kernelOf = (change: object, profile = SHORT) => {
    const { state } = aForm({ profile, around: { ...around('cells'), ...change } });
    const { texts, readings } = state.snapshot;
    return [texts['/kernel'], readings['/kernel'].value, readings['/kernel'].problem];
  };

  it("is the notebook's own unless another is chosen", () => {
    expect(kernelOf({})).toEqual(['', undefined, undefined]);
  });

  it('is the one it is connected to where the notebook names none', () => {
    expect(kernelOf({ ownKernel: null, sessionKernel: 'ir' })).toEqual(['ir', 'ir', undefined]);
  });

  it('is to be chosen where nobody knows it', () => {
    expect(kernelOf({ ownKernel: null })[2]).toContain('does not say which kernel');
    expect(kernelOf({ ownKernel: 'gone' })[2]).toContain('no kernel “gone” here');
  });

  it("is the profile's where it has one, which need not be here", () => {
    expect(kernelOf({ ownKernel: 'gone' }, { ...SHORT, kernel: 'theirs' })).toEqual([
      '',
      undefined,
      undefined
    ]);
  });
});

describe('the further fields', () => {
  it.each<[string, string, string]>([
    ['/native/feature', 'A1', '“A1” is not of that form'],
    ['/account', 'a b', 'letters'],
    ['/retries/times', '11', 'At most 10'],
    ['/retries/times', 'x', 'whole number'],
    ['/give_up_after_s', '5', 'with its unit'],
    ['/name', 'x'.repeat(201), '200']
  ])('%s does not take %j', (pointer, text, words) => {
    const { state } = aForm();
    state.type(pointer, text);
    expect(problemOf(state, pointer).problem).toContain(words);
  });

  it.each<[string, string]>([
    ['{nmae}.ipynb', '“{nmae}” is not known'],
    ['{name}.html', 'must end in .ipynb']
  ])('the place %j is not one', (text, words) => {
    const { state } = aForm({ around: around('notebook') });
    state.type('/lands_at', text);
    expect(problemOf(state, '/lands_at').problem).toContain(words);
  });

  it('offers the words of a pattern that only lists them', () => {
    const { state } = aForm();
    const qos = state.snapshot.fields.find(({ pointer }) => pointer === '/native/qos');
    expect(qos?.choices.map(({ value }) => value)).toEqual(['', 'normal', 'high']);
    state.type('/native/qos', 'low');
    expect(state.snapshot.texts['/native/qos']).toBe('');
  });

  it("leaves a pattern that is Python's alone to the server", () => {
    const { state } = aForm();
    state.type('/native/odd~1~0name', 'anything');
    expect(problemOf(state, '/native/odd~1~0name')).toEqual({ value: 'anything' });
  });
});

describe('names that will be missed', () => {
  it('are those that no cell above gives, and those whose cell would not run', () => {
    const { state } = aForm({}, { base: 'x = 1', use: 'x, df' });
    expect(state.snapshot.missing).toEqual([{ name: 'df', givenBy: null }]);
    state.prepare('nothing', state.snapshot.ids);
    expect(state.snapshot.missing).toEqual([
      { name: 'df', givenBy: null },
      { name: 'x', givenBy: 'base' }
    ]);
    state.include('base');
    expect(state.snapshot.missing).toEqual([{ name: 'df', givenBy: null }]);
  });

  it('know what cells that set up give', () => {
    const { state } = aForm({}, { other: 'y = 1', setup: 'x = 1', use: 'x' });
    state.prepare('setup', []);
    expect(state.snapshot.missing).toEqual([]);
  });
});

it('says nothing more after it is disposed', () => {
  const { state } = aForm();
  const told = jest.fn();
  state.changed.connect(told);
  state.dispose();
  state.type('/name', 'x');
  expect(told).not.toHaveBeenCalled();
});
