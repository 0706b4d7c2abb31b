import type { TranslationBundle } from '@jupyterlab/translation';

import { isFinal } from '../../api/states';
import type { Job, UsageOverTime } from '../../api/types';
import { tellMemory, writeTime } from '../quantities';
import { duration, memory } from '../units';
import { ran } from '../words';

/** How much of something was in use: seconds since the start, amount. */
export type Point = readonly [seconds: number, amount: number];

export type Series = Readonly<{
  key: string;
  title: string;
  points: readonly Point[];
  /** What was asked for; null where nothing was. */
  asked: number | null;
  /** The top of the scale: no amount is above it, nor what was asked for. */
  top: number;
  tell(amount: number): string;
}>;

const MIB_PER_GIB = 1024;
const SMALL_MIB = 256;
/** What is asked for should be so much more than what was used: the next run is not quite the same. */
const ROOM = 1.3;
/** Less than this share of what was asked for is worth a word; more than the other one, too. */
const LITTLE = 0.5;
const NEARLY_ALL = 0.9;
const NICE_MINUTES = [5, 10, 15, 30, 60, 120, 180, 240, 360, 480, 720, 1440];

/** What there is to draw, in the order in which people ask for it. */
export function seriesOf(
  { samples, asked }: UsageOverTime,
  startedAt: string | null,
  trans: TranslationBundle
): readonly Series[] {
  if (samples.length === 0) {
    return [];
  }
  const start = Math.min(Date.parse(startedAt ?? samples[0].at), Date.parse(samples[0].at));
  const secondsOf = (at: string) => (Date.parse(at) - start) / 1000;
  const used = samples.map(({ at, memory_mb }): Point => [secondsOf(at), memory_mb]);
  const busy = samples.flatMap(({ at, cpu_s }, index): Point[] => {
    const before = samples[index - 1];
    const from = before ? secondsOf(before.at) : 0;
    const seconds = secondsOf(at) - from;
    return seconds > 0 ? [[secondsOf(at), (cpu_s - (before?.cpu_s ?? 0)) / seconds]] : [];
  });
  const series: Series[] = [
    aSeries('memory', trans.__('Memory'), used, asked.memory_mb, memory),
    aSeries('cores', trans.__('Busy cores'), busy, asked.cores, tellCores)
  ];
  const gpus = samples.flatMap(({ at, gpu }): Point[] => {
    const known = (gpu ?? []).flatMap(each => each.busy ?? []);
    return known.length
      ? [[secondsOf(at), known.reduce((sum, each) => sum + each) / known.length]]
      : [];
  });
  if (gpus.length > 0) {
    series.push({ ...aSeries('gpus', trans.__('Busy GPUs'), gpus, null, tellShare), top: 1 });
  }
  return series.filter(({ points }) => points.length > 0);
}

function aSeries(
  key: string,
  title: string,
  points: readonly Point[],
  asked: number | null,
  tell: (amount: number) => string
): Series {
  const top = Math.max(...points.map(([, amount]) => amount), asked ?? 0) || 1;
  return { key, title, points, asked, top, tell };
}

function tellCores(amount: number): string {
  return String(Math.round(amount * 10) / 10);
}

function tellShare(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** A series in one sentence, for those who do not see it. */
export function inWords({ title, points, asked, tell }: Series, trans: TranslationBundle): string {
  const amounts = points.map(([, amount]) => amount);
  const [last] = points[points.length - 1];
  const most = tell(Math.max(...amounts));
  const end = tell(amounts[amounts.length - 1]);
  const words = trans.__(
    '%1 over %2: at most %3, %4 at the end.',
    title,
    duration(last * 1000),
    most,
    end
  );
  return asked === null ? words : `${words} ${trans.__('Asked for: %1.', tell(asked))}`;
}

/** What was asked for beside what was used, and what to ask for next time; nothing where that is not known. */
export function advice(job: Job, over: UsageOverTime | null, trans: TranslationBundle): string[] {
  const { resources, usage, state } = job;
  const isOver = isFinal(state);
  const seen = over?.samples.map(({ memory_mb }) => memory_mb) ?? [];
  const peak = Math.max(usage?.peak_memory_mb ?? 0, ...seen);
  const time = isOver ? ran(job) : null;
  return [
    adviceOnMemory(resources.memory_mb ?? null, peak, isOver, trans),
    state === 'succeeded' ? adviceOnTime(resources.walltime_s ?? null, time, trans) : '',
    adviceOnCores(over?.asked.cores ?? resources.cores ?? null, usage?.cpu_s ?? null, time, trans)
  ].filter(Boolean);
}

function adviceOnMemory(
  asked: number | null,
  peak: number,
  isOver: boolean,
  trans: TranslationBundle
): string {
  if (peak === 0) {
    return '';
  }
  if (asked === null) {
    return trans.__('Memory: %1 used at most.', memory(peak));
  }
  const fact = trans.__('Memory: %1 asked for, %2 used at most', tellMemory(asked), memory(peak));
  const enough = niceMemory(peak * ROOM);
  if (isOver && peak < asked * LITTLE && enough < asked) {
    return trans.__('%1: ask for %2 next time.', fact, tellMemory(enough));
  }
  return isOver && peak > asked * NEARLY_ALL
    ? trans.__('%1: ask for more next time.', fact)
    : `${fact}.`;
}

function niceMemory(mib: number): number {
  const step = mib < MIB_PER_GIB ? SMALL_MIB : MIB_PER_GIB;
  return Math.ceil(mib / step) * step;
}

function adviceOnTime(asked: number | null, ms: number | null, trans: TranslationBundle): string {
  if (asked === null || ms === null) {
    return '';
  }
  const fact = trans.__('Time: %1 asked for, %2 needed', writeTime(asked), duration(ms));
  const minutes = (ms / 60_000) * ROOM;
  const enough = (NICE_MINUTES.find(nice => nice >= minutes) ?? Infinity) * 60;
  return ms / 1000 < asked * LITTLE && enough < asked
    ? trans.__('%1: with %2 it may start sooner next time.', fact, writeTime(enough))
    : `${fact}.`;
}

function adviceOnCores(
  asked: number | null,
  cpuS: number | null,
  ms: number | null,
  trans: TranslationBundle
): string {
  if (cpuS === null || !ms) {
    return '';
  }
  const busy = cpuS / (ms / 1000);
  const fact = trans.__('Cores: %1 asked for, %2 busy on average', asked ?? '–', tellCores(busy));
  const enough = Math.max(1, Math.ceil(busy * ROOM));
  return asked !== null && busy < asked * LITTLE && enough < asked
    ? trans.__('%1: ask for %2 next time, unless it is a matter of moments.', fact, enough)
    : `${fact}.`;
}
