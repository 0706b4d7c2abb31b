import type { TranslationBundle } from '@jupyterlab/translation';

import type { Resources } from '../api/types';

const MIB_PER_GIB = 1024;
const HOUR_S = 3600;
const DAY_S = 24 * HOUR_S;

/** 0:42, 12:10, 1:12:05, 2 d 3:00:00. */
export function duration(ms: number): string {
  const total = Math.max(0, Math.floor(ms / 1000));
  const days = Math.floor(total / DAY_S);
  const hours = Math.floor((total % DAY_S) / HOUR_S);
  const minutes = Math.floor((total % HOUR_S) / 60);
  const two = (value: number) => String(value).padStart(2, '0');
  const clock = `${hours || days ? `${hours}:${two(minutes)}` : minutes}:${two(total % 60)}`;
  return days ? `${days} d ${clock}` : clock;
}

/** 512 MiB, 4 GiB, 1.1 GiB. */
export function memory(mib: number): string {
  if (mib < MIB_PER_GIB) {
    return `${Math.round(mib)} MiB`;
  }
  return `${Math.round((mib / MIB_PER_GIB) * 10) / 10} GiB`;
}

/** 90 B, 12 kB, 3.4 MB. */
export function bytes(count: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(Math.floor(Math.log10(Math.max(count, 1)) / 3), units.length - 1);
  const value = count / 1000 ** power;
  return `${power && value < 10 ? value.toFixed(1) : Math.round(value)} ${units[power]}`;
}

/** A number and its unit, apart, because the number is the louder one: 30 min, 1 h 30 min, 2 d. */
export function timeLimit(seconds: number): [string, string][] {
  const parts: [number, string][] = [
    [Math.floor(seconds / DAY_S), 'd'],
    [Math.floor((seconds % DAY_S) / HOUR_S), 'h'],
    [Math.floor((seconds % HOUR_S) / 60), 'min'],
    [seconds % 60, 's']
  ];
  const told = parts.filter(([value]) => value > 0).slice(0, 2);
  return told.map(([value, unit]) => [String(value), unit]);
}

/** What a job asks for, in the order in which people ask, as [number, unit]. */
export function resources(asked: Resources, trans: TranslationBundle): [string, string][] {
  const { nodes, tasks, cores, memory_mb, gpus, gpu_type, walltime_s } = asked;
  const facts: [string, string][] = [];
  if (nodes && nodes > 1) {
    facts.push([String(nodes), trans._n('node', 'nodes', nodes)]);
  }
  if (tasks && tasks > 1) {
    facts.push([String(tasks), trans._n('task', 'tasks', tasks)]);
  }
  if (cores) {
    facts.push([String(cores), trans._n('core', 'cores', cores)]);
  }
  if (memory_mb) {
    const [value, unit] = memory(memory_mb).split(' ');
    facts.push([value, unit]);
  }
  if (gpus) {
    facts.push([String(gpus), gpu_type ?? trans._n('GPU', 'GPUs', gpus)]);
  }
  return walltime_s ? [...facts, ...timeLimit(walltime_s)] : facts;
}

/** In which language the browser is to word dates: that of JupyterLab. Undefined: English, of the reader's own kind. */
export function language(): string | undefined {
  const code = document.documentElement.lang.replace('_', '-');
  return code === '' || /^en\b/.test(code) ? undefined : code;
}

/** 09:31 today, “yesterday”, else the date; in the reader's zone. */
export function moment(time: string, now: number, trans: TranslationBundle): string {
  const then = new Date(time);
  const days = daysBetween(then, new Date(now));
  if (days === 0) {
    return clock(time);
  }
  if (days === 1) {
    return trans.__('yesterday');
  }
  const year = then.getFullYear() === new Date(now).getFullYear() ? undefined : 'numeric';
  return then.toLocaleDateString(language(), { day: 'numeric', month: 'short', year });
}

/** When something would start, as roughly as it is known. */
export function startsIn(time: string, now: number, trans: TranslationBundle): string {
  const minutes = Math.round((Date.parse(time) - now) / 60_000);
  if (minutes < 1) {
    return trans.__('would start at once');
  }
  if (minutes < 90) {
    return trans.__('starts in about %1 min', minutes);
  }
  return minutes < 36 * 60
    ? trans.__('starts in about %1 h', Math.round(minutes / 60))
    : trans.__('starts in about %1 days', Math.round(minutes / (24 * 60)));
}

/** 09:31, or 09:31:05. */
export function clock(time: string, precision: 'minutes' | 'seconds' = 'minutes'): string {
  const second = precision === 'seconds' ? '2-digit' : undefined;
  return new Date(time).toLocaleTimeString(language(), {
    hour: '2-digit',
    minute: '2-digit',
    second,
    hourCycle: 'h23'
  });
}

/** Date and time, in full. */
export function fullTime(time: string): string {
  return new Date(time).toLocaleString(language(), { dateStyle: 'medium', timeStyle: 'medium' });
}

function daysBetween(earlier: Date, later: Date): number {
  const midnight = (date: Date) => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  return Math.round((midnight(later) - midnight(earlier)) / (DAY_S * 1000));
}
