import { isActive } from '../../api/states';
import type { Job, JobState } from '../../api/types';

/** Which jobs to show, by their state. */
export type Chip = 'all' | 'active' | 'failed';

/** The orders that the server knows, too. */
type ServedOrder = 'newest' | 'oldest' | 'name' | 'profile' | 'state';

/** The order of the list; by a column of another extension only the page can order. */
export type Order = ServedOrder | `column:${string}`;

/** What one wants to see of the jobs. Empty texts ask for nothing; days are local, as `2026-11-21`. */
export type Query = Readonly<{
  text: string;
  chip: Chip;
  profile: string;
  path: string;
  from: string;
  to: string;
  order: Order;
  grouped: boolean;
}>;

export const EVERYTHING: Query = Object.freeze({
  text: '',
  chip: 'all',
  profile: '',
  path: '',
  from: '',
  to: '',
  order: 'newest',
  grouped: false
});

export const CHIPS: readonly Chip[] = ['all', 'active', 'failed'];
export const ORDERS: readonly ServedOrder[] = ['newest', 'oldest', 'name', 'profile', 'state'];

/** The same question as the server understands it. */
export type Filter = Readonly<{
  state?: string;
  profile?: string;
  path?: string;
  q?: string;
  created_after?: string;
  created_before?: string;
  sort: '-created' | 'created' | 'name' | 'profile' | 'state';
}>;

/** A row of the list. */
export type Item =
  | Readonly<{ key: string; job: Job }>
  | Readonly<{ key: string; path: string; count: number; active: number; isFolded: boolean }>;

/** By a column, as a query has it. */
export function columnOrder(id: string): Order {
  return `column:${id}`;
}

/** The order in which jobs come from the server and are searched; what a column does to it is done at the end. */
function served(order: Order): ServedOrder {
  return ORDERS.find(each => each === order) ?? 'newest';
}

/** Whether a job in this state belongs to the chip. What we lost track of needs a look, like a failure. */
export function belongs(chip: Chip, state: JobState): boolean {
  switch (chip) {
    case 'all':
      return true;
    case 'active':
      return isActive(state);
    case 'failed':
      return state === 'failed' || state === 'unknown';
  }
}

/** How many jobs a chip stands for, of all that the server knows. */
export function count(chip: Chip, counts: Readonly<Record<string, number>>): number {
  return Object.entries(counts)
    .filter(([state]) => belongs(chip, state as JobState))
    .reduce((sum, [, some]) => sum + some, 0);
}

/** What was kept of a query, perhaps by another version: what is not of its kind is left out. */
export function recalled(kept: unknown): Query {
  const found = Object(kept) as Record<string, unknown>;
  const same = Object.entries(EVERYTHING).filter(
    ([name, value]) => Object.hasOwn(found, name) && typeof found[name] === typeof value
  );
  const query = { ...EVERYTHING, ...Object.fromEntries(same.map(([name]) => [name, found[name]])) };
  const { chip, order } = query;
  const isOrder = order.startsWith(columnOrder('')) || served(order) === order;
  const isKnown = CHIPS.includes(chip) && isOrder;
  const isDay = [query.from, query.to].every(day => /^(\d{4}-\d{2}-\d{2})?$/.test(day));
  return isKnown && isDay ? Object.freeze(query) : EVERYTHING;
}

/** How many of the settings beside words and chips narrow or change the list. */
export function settings(query: Query): number {
  const { profile, path, from, to, order, grouped } = query;
  return [profile, path, from, to, order !== 'newest', grouped].filter(Boolean).length;
}

/** Whether the newest jobs, as they come, are what is wanted. */
export function isPlain({ text, chip, profile, path, from, to, order }: Query): boolean {
  return (
    chip === 'all' &&
    served(order) === 'newest' &&
    ![text.trim(), profile, path, from, to].some(Boolean)
  );
}

export function toFilter({ text, chip, profile, path, from, to, ...rest }: Query): Filter {
  const order = served(rest.order);
  const state = { all: undefined, active: 'active', failed: 'failed,unknown' }[chip];
  const q = text.trim().slice(0, 200);
  return {
    ...(state && { state }),
    ...(profile && { profile }),
    ...(path && { path }),
    ...(q && { q }),
    ...(from && { created_after: midnight(from, 0) }),
    ...(to && { created_before: midnight(to, 1) }),
    sort: order === 'newest' ? '-created' : order === 'oldest' ? 'created' : order
  };
}

/** The jobs that the query asks for, in its order. */
export function select(jobs: readonly Job[], query: Query): readonly Job[] {
  if (isPlain(query)) {
    return jobs;
  }
  const { text, chip, profile, path, from, to } = query;
  const order = served(query.order);
  const words = text.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const after = from && midnight(from, 0);
  const before = to && midnight(to, 1);
  const found = jobs.filter(
    job =>
      belongs(chip, job.state) &&
      (!profile || job.profile === profile) &&
      (!path || job.source.path === path) &&
      (!after || job.created_at >= after) &&
      (!before || job.created_at < before) &&
      words.every(word => haystack(job).includes(word))
  );
  return order === 'newest' ? found : found.sort((a, b) => compare(a, b, order));
}

/** Those that come no later than `last` in the query's order: beyond it there are gaps that have not been loaded. */
export function upTo(jobs: readonly Job[], last: Job, { order }: Query): readonly Job[] {
  return jobs.filter(job => compare(job, last, served(order)) <= 0);
}

/** The rows: jobs, or notebooks in the order of their first job with their jobs below them. */
export function rows(
  jobs: readonly Job[],
  grouped: boolean,
  folded: ReadonlySet<string>
): readonly Item[] {
  if (!grouped) {
    return jobs.map(job => ({ key: job.id, job }));
  }
  const groups = new Map<string, Job[]>();
  for (const job of jobs) {
    const { path } = job.source;
    groups
      .set(path, groups.get(path) ?? [])
      .get(path)
      ?.push(job);
  }
  return [...groups].flatMap(([path, some]) => {
    const isFolded = folded.has(path);
    const active = some.filter(({ state }) => isActive(state)).length;
    const head = { key: `group:${path}`, path, count: some.length, active, isFolded };
    return isFolded ? [head] : [head, ...some.map(job => ({ key: job.id, job }))];
  });
}

function compare(a: Job, b: Job, order: ServedOrder): number {
  switch (order) {
    case 'newest':
      return -byText(a.created_at, b.created_at) || -byText(a.id, b.id);
    case 'oldest':
      return byText(a.created_at, b.created_at) || byText(a.id, b.id);
    case 'name':
      return byText(a.name.toLowerCase(), b.name.toLowerCase()) || byText(a.id, b.id);
    default:
      return byText(a[order], b[order]) || byText(a.id, b.id);
  }
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The beginning of a local day, `days` later, as the wire has it. */
function midnight(day: string, days: number): string {
  const [year, month, date] = day.split('-').map(Number);
  return new Date(year, month - 1, date + days).toISOString();
}

/** The words that the server looks in, too. */
function haystack({ name, source, profile, profile_title, native_id, node }: Job): string {
  return [name, source.path, profile, profile_title, native_id ?? '', node ?? '']
    .join('\n')
    .toLocaleLowerCase();
}
