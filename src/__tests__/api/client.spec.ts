import { ComputeClient } from '../../api/client';
import { ComputeError, NoBridgeError, OfflineError } from '../../api/errors';
import { anId, aJob, aJobList } from '../../testing/builders';
import { FakeBridge, offline } from '../../testing/bridge';

describe('ComputeClient', () => {
  let bridge: FakeBridge;
  let client: ComputeClient;
  const id = anId('one');

  beforeEach(() => {
    bridge = new FakeBridge();
    client = new ComputeClient(bridge.settings);
  });

  it('asks below the base URL, with the token', async () => {
    bridge.on('GET jobs', { json: aJobList({ revision: 7 }) });
    const list = await client.listJobs({ since: 3, limit: 10 });
    expect(list.revision).toBe(7);
    expect(bridge.asked[0].query).toEqual({ since: '3', limit: '10' });
    expect(bridge.asked[0].headers.get('Authorization')).toBe('token secret');
  });

  it('sends a body as JSON', async () => {
    bridge.on('POST jobs', { status: 201, json: aJob({ id }) });
    const request = {
      key: 'a-key-of-mine',
      profile: 'local',
      source: { kind: 'notebook' as const, path: 'a.ipynb' }
    };
    expect((await client.submitJob(request)).id).toBe(id);
    expect(bridge.asked[0].body).toEqual(request);
    expect(bridge.asked[0].headers.get('Content-Type')).toContain('application/json');
  });

  it('leaves out an attempt that nobody named', async () => {
    bridge.on(`GET jobs/${id}/outputs`, { json: {} });
    await client.readOutputs(id, 5);
    await client.readOutputs(id, 5, 2);
    expect(bridge.asked.map(({ query }) => query)).toEqual([
      { from: '5' },
      { from: '5', attempt: '2' }
    ]);
  });

  it('asks what a job has used', async () => {
    const used = { attempt: 0, asked: { memory_mb: null, cores: 1 }, samples: [], ended: false };
    bridge.on(`GET jobs/${id}/usage`, { json: used });
    expect(await client.readUsage(id)).toEqual(used);
  });

  it('says where the next piece of a log begins', async () => {
    const headers = { 'X-Next-Offset': '12', 'X-Size': '40' };
    bridge.on(`GET jobs/${id}/log`, { text: 'hello', headers });
    expect(await client.readLog(id, 'stderr', -5)).toEqual({ text: 'hello', next: 12, size: 40 });
    expect(bridge.asked[0].query).toEqual({ stream: 'stderr', offset: '-5' });
  });

  it('deletes without reading an answer', async () => {
    bridge.on(`DELETE jobs/${id}`, { status: 204 });
    await expect(client.forgetJob(id, 'keep')).resolves.toBeUndefined();
    expect(bridge.asked[0].query).toEqual({ files: 'keep' });
  });

  it("hands on the bridge's own words, with code, hint and pointer", async () => {
    const body = {
      code: 'invalid',
      message: 'Too much.',
      hint: 'Ask less.',
      pointer: '/resources'
    };
    bridge.on('POST preview', { status: 422, json: body });
    const error = await client
      .preview({ key: '12345678', profile: 'x', source: { kind: 'notebook', path: 'a' } })
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ComputeError);
    expect(error).toMatchObject({ ...body, status: 422 });
  });

  it('knows a server without the bridge', async () => {
    await expect(client.listProfiles()).rejects.toBeInstanceOf(NoBridgeError);
  });

  it("does not take the bridge's own 404 for a missing bridge", async () => {
    const json = { code: 'no_such_job', message: 'No such job.', hint: '' };
    bridge.on(`GET jobs/${id}`, { status: 404, json });
    await expect(client.getJob(id)).rejects.toMatchObject({ code: 'no_such_job', status: 404 });
  });

  it('never sends a wish twice that carries no key', async () => {
    bridge.on(`POST jobs/${id}/cancel`, offline);
    await expect(client.cancelJob(id)).rejects.toBeInstanceOf(OfflineError);
    expect(bridge.asked).toHaveLength(1);
  });

  it('sends a wish with a key again, under the same key, when no answer came', async () => {
    let calls = 0;
    bridge.on('POST jobs', () => (++calls === 1 ? offline() : { status: 201, json: aJob({ id }) }));
    const source = { kind: 'notebook' as const, path: 'a.ipynb' };
    await client.submitJob({ key: 'a-key-of-mine', profile: 'local', source });
    expect(bridge.asked.map(({ body }) => (body as { key: string }).key)).toEqual([
      'a-key-of-mine',
      'a-key-of-mine'
    ]);
  });
});
