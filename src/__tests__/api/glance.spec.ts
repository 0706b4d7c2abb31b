import { hasActive } from '../../api/glance';
import { aJobList } from '../../testing/builders';
import type { Answer } from '../../testing/bridge';
import { FakeBridge, offline } from '../../testing/bridge';

describe('hasActive', () => {
  const told = (answer: Answer | (() => Answer)) =>
    hasActive(new FakeBridge().on('GET jobs', answer).settings);

  it.each([
    [{ succeeded: 7, unknown: 1 }, false],
    [{ running: 0 }, false],
    [{ held: 1, failed: 3 }, true],
    [{ completing: 1 }, true]
  ])('reads the counts: %j', async (counts, is) => {
    expect(await told({ json: aJobList({ counts }) })).toBe(is);
  });

  it.each([
    ['there is no bridge', { status: 404, json: { message: 'Not Found' } }],
    ['a proxy answers', { status: 502, text: '<html>' }]
  ])('is quiet when %s', async (_, answer) => {
    expect(await told(answer)).toBe(false);
  });

  it('is quiet without a network', async () => {
    expect(await told(offline)).toBe(false);
  });

  it('asks for one job, of this server', async () => {
    const bridge = new FakeBridge().on('GET jobs', { json: aJobList() });
    await hasActive(bridge.settings);
    expect(bridge.askedFor('GET jobs').map(({ query }) => query)).toEqual([{ limit: '1' }]);
  });
});
