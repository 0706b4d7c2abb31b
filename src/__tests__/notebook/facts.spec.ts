import { nullTranslator } from '@jupyterlab/translation';

import type { Job } from '../../api/types';
import { badgeFacts } from '../../notebook/facts';
import { LiveJob } from '../../notebook/store';
import { since, stateWord } from '../../view/words';
import { aCellsJob, event } from './fakejobs';

const NOW = Date.parse('2026-03-01T09:00:42Z');
const trans = nullTranslator.load('test');

describe('the badge', () => {
  /** What it says of cell `a`, which `z` runs before. */
  const facts = (change: Partial<Job>, ...events: ReturnType<typeof event.started>[]) => {
    const job = aCellsJob({ z: 'x = 1', a: 'x' }, change, ['z']);
    const live = new LiveJob(job.id, 'a.ipynb', 'Short queue', 0, () => '');
    live.update(job);
    live.read({ attempt: 1, events, next: events.length, more: false, ended: false });
    const entry = { job: live, cell: live.cells.get('a')! };
    const { tone, text, title } = badgeFacts(entry, NOW, trans, {
      clusterOf: () => 'The big cluster',
      isDirty: false
    });
    live.dispose();
    return { job, tone, text: text.replace('Short queue · ', ''), title };
  };

  it.each<[Partial<Job>, string]>([
    [{ state: 'submitting', started_at: null }, 'waiting'],
    [{ state: 'held', started_at: null }, 'held'],
    [{ state: 'unknown' }, 'unknown'],
    [{ state: 'unknown', reason: { code: 'lost', text: 'No trace.' } }, 'unknown'],
    [{ state: 'completing' }, 'running'],
    [{ state: 'running', cancel_requested_at: '2026-03-01T09:00:40Z' }, 'cancelled']
  ])("says the row's own word for a job that is %j", (change, tone) => {
    const said = facts(change);
    expect(said.text).toBe(stateWord(said.job, trans).toLowerCase());
    expect(said.tone).toBe(tone);
  });

  it("counts the row's own time while it waits", () => {
    const said = facts({ state: 'queued', started_at: null });
    expect(said.text).toBe(`waiting ${since(said.job, NOW, trans)}`);
  });

  it('runs as soon as the job does, unless other cells run before', () => {
    expect(facts({ state: 'running' })).toMatchObject({ text: 'in line', tone: 'waiting' });
    const ready = [event.started('z'), event.ended('z')];
    expect(facts({ state: 'running' }, ...ready)).toMatchObject({
      text: 'running',
      tone: 'running'
    });
    expect(facts({ state: 'running' }, ...ready, event.started('a')).text).toBe('0:42');
  });

  it('does not show as fresh what its scheduler does not tell', () => {
    const said = facts({ state: 'running', stale_since: '2026-03-01T09:00:00Z' });
    expect(said.tone).toBe('unknown');
    expect(said.text).toMatch(/^no word since \d\d:\d\d$/);
    expect(said.title).toMatch(/^No word from The big cluster since .*was running$/);
  });
});
