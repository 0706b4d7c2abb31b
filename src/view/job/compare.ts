import type { IOutput } from '@jupyterlab/nbformat';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Job, OutputEvent, Outputs } from '../../api/types';
import { CellOutputs } from '../../notebook/outputs';
import { said } from '../said';
import { duration, fullTime, memory, resources } from '../units';
import { ran, stateWord } from '../words';

/** A fact about both jobs. */
export type Fact = Readonly<{ label: string; here: string; there: string }>;

/** What one cell gave in a run, as text; null: it did not run. */
export type CellText = Readonly<{ source: string; text: string; durationS: number | null }>;
export type RunText = Readonly<{ cells: ReadonlyMap<string, CellText>; isAll: boolean }>;

export type CellPair = Readonly<{
  id: string;
  source: string;
  /** The text that was run is not the same. */
  isChanged: boolean;
  here: CellText | null;
  there: CellText | null;
}>;

/** Pages of outputs, of at most two megabytes each, that are read of a run; what comes after is left out. */
const MOST_PAGES = 10;
/** Of one cell; a comparison of more helps nobody and stops the browser. */
const MOST_CHARS = 100_000;

/** What is known of both, in the order in which people ask. Those that are the same are among them. */
export function factsOf(here: Job, there: Job, trans: TranslationBundle): Fact[] {
  const fact = (label: string, of: (job: Job) => string | null): Fact => ({
    label,
    here: of(here) ?? '–',
    there: of(there) ?? '–'
  });
  const asked = (job: Job) =>
    resources(job.resources, trans)
      .map(part => part.join(' '))
      .join(', ');
  const names = new Set([...Object.keys(here.parameters), ...Object.keys(there.parameters)]);
  const valueOf = (job: Job, name: string) =>
    name in job.parameters ? JSON.stringify(job.parameters[name]) : null;
  const all = [
    fact(trans.__('State'), job => stateWord(job, trans)),
    fact(trans.__('Reason'), job => said(job.reason?.text, trans) || null),
    ...[...names].map(name => fact(trans.__('Parameter %1', name), job => valueOf(job, name))),
    fact(trans.__('Sent'), job => fullTime(job.created_at)),
    fact(trans.__('Waited'), job => waited(job)),
    fact(trans.__('Ran'), job => timeOf(ran(job))),
    fact(trans.__('Most memory'), ({ usage }) =>
      usage?.peak_memory_mb ? memory(usage.peak_memory_mb) : null
    ),
    fact(trans.__('Processor time'), ({ usage }) =>
      usage?.cpu_s != null ? duration(usage.cpu_s * 1000) : null
    ),
    fact(trans.__('Asked for'), asked),
    fact(trans.__('Profile'), job => job.profile_title),
    fact(trans.__('Queue'), job => job.queue),
    fact(trans.__('Where'), job => job.node),
    fact(trans.__('Kernel'), job => job.kernel)
  ];
  return all.filter(({ here, there }) => here !== '–' || there !== '–');
}

function timeOf(ms: number | null): string | null {
  return ms === null ? null : duration(ms);
}

function waited({ created_at, started_at }: Job): string | null {
  return started_at ? duration(Date.parse(started_at) - Date.parse(created_at)) : null;
}

/** All that a run gave by now, cell by cell. */
export async function readRun(
  read: (from: number, attempt?: number) => Promise<Outputs>,
  sources: ReadonlyMap<string, string>
): Promise<RunText> {
  const outputs = new Map<string, CellOutputs>();
  let page: Outputs;
  let next = 0;
  let attempt: number | undefined;
  let pages = 0;
  do {
    page = await read(next, attempt);
    if (attempt !== undefined && page.attempt !== attempt) {
      outputs.clear();
    }
    ({ next, attempt } = page);
    page.events.forEach(event => take(event, outputs));
    pages++;
  } while (page.more && pages < MOST_PAGES);
  const cells = [...outputs].map(([id, cell]): [string, CellText] => [
    id,
    { source: sources.get(id) ?? '', text: textOf(cell.outputs), durationS: cell.durationS }
  ]);
  return { cells: new Map(cells), isAll: !page.more };
}

function take(event: OutputEvent, outputs: Map<string, CellOutputs>): void {
  if (event.event === 'update_display') {
    outputs.forEach(cell => cell.apply(event));
    return;
  }
  const cell = outputs.get(event.cell) ?? new CellOutputs();
  outputs.set(event.cell, cell);
  cell.apply(event);
}

/** The cells of both, in the order of this run; those that only the other one has come last. */
export function pairs(here: RunText, there: RunText): CellPair[] {
  const ids = new Set([...here.cells.keys(), ...there.cells.keys()]);
  return [...ids].map(id => {
    const [one, other] = [here.cells.get(id) ?? null, there.cells.get(id) ?? null];
    return {
      id,
      source: one?.source ?? other?.source ?? '',
      isChanged: Boolean(one && other && one.source !== other.source),
      here: one,
      there: other
    };
  });
}

/** What people read of outputs. Images and the like stand as a word with their length and a sum, so that another one is seen. */
function textOf(outputs: readonly IOutput[]): string {
  return outputs.map(outputText).join('\n').slice(0, MOST_CHARS);
}

function outputText(output: IOutput): string {
  if (output.output_type === 'stream') {
    return lineOf(output.text);
  }
  if (output.output_type === 'error') {
    const { ename, evalue, traceback } = output;
    return plain([`${String(ename)}: ${String(evalue)}`, lineOf(traceback, '\n')].join('\n'));
  }
  const data = (output.data ?? {}) as Readonly<Record<string, unknown>>;
  const others = Object.entries(data).filter(([type]) => type !== 'text/plain');
  const words = 'text/plain' in data ? [lineOf(data['text/plain'])] : [];
  return [
    ...words,
    ...others.map(([type, value]) => `[${type} ${sumOf(JSON.stringify(value))}]`)
  ].join('\n');
}

function lineOf(text: unknown, glue = ''): string {
  return plain(Array.isArray(text) ? text.join(glue) : String(text ?? ''));
}

/** Without colours. */
function plain(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/\u001b\[[0-9;]*m/g, '');
}

/** Length and FNV-1a of a text: enough to see that two are not the same. */
function sumOf(text: string): string {
  let sum = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    sum = Math.imul(sum ^ text.charCodeAt(index), 0x01000193) >>> 0;
  }
  return `${text.length} · ${sum.toString(16).padStart(8, '0')}`;
}
