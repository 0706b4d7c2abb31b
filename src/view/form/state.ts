import { UUID } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import { toComputeError } from '../../api/errors';
import type { Before, Job, NewJob, Preview, Profile, Source } from '../../api/types';
import type { CodeCell, Needed } from '../../notebook/names/needs';
import { missingNames, SETUP_TAG } from '../../notebook/needs';
import type { Missing } from '../../notebook/needs';
import type { Code } from '../../notebook/source';
import type { IField, Pointer, Reading, Texts } from './field';
import { words } from './field';
import type { IAround } from './further';
import { fieldsOf, toKeep } from './fields';
import type { Parameters } from './fields';
import { fieldAt, requestOf, textsOf } from './request';

/** What the form begins with. */
export interface IFormOptions<T = Job> {
  readonly profiles: readonly Profile[];
  readonly profile: Profile;
  readonly around: IAround;
  readonly parameters: Parameters;
  /** The notebook's code cells, and those that were chosen: all of them for a whole notebook. */
  readonly cells: readonly Code[];
  readonly chosen: readonly string[];
  /** What each cell does to names; null: nobody can tell. */
  readonly names: readonly CodeCell[] | null;
  readonly needed: Needed | null;
  readonly before: Before;
  /** The values of the last time, by profile. */
  readonly last: Readonly<Record<string, Texts>>;
  /** An earlier request, whose values are there again. */
  readonly request?: Partial<NewJob>;
  /** Why the form is there at all. */
  readonly problem?: unknown;
  /** Said above everything. */
  readonly note?: string;
  /** What to run, as it stands now. */
  source(): Source;
  preview(request: NewJob): Promise<Preview>;
  send(request: NewJob): Promise<T>;
  /** It could not be sent, and the form is gone already. */
  tooLate(error: unknown): void;
  /** A job was sent with these. */
  keep(profile: string, texts: Texts): void;
}

export type Problem = Readonly<{ text: string; hint: string; pointer: Pointer | null }>;

/** What the form shows, as of one moment. */
export type FormSnapshot = Readonly<{
  profile: Profile;
  fields: readonly IField[];
  texts: Texts;
  readings: Readonly<Record<Pointer, Reading>>;
  before: Before;
  /** The cells that run before, for `needed`. */
  ids: readonly string[];
  missing: readonly Missing[];
  /** Fields that one has been in; all, once one tried to run. */
  left: ReadonlySet<Pointer>;
  hasTried: boolean;
  /** The server's word. */
  problem: Problem | null;
  isBusy: boolean;
  preview: Preview | null;
}>;

export const BEFORE = '/before';
export const BEFORE_IDS = '/before_cell_ids';
const PROFILE = '/profile';

/** The form: what was typed, what it means, and what the server says to it. */
export class FormState<T = Job> implements IDisposable {
  private readonly _changed = new Signal<this, void>(this);
  private _snapshot: FormSnapshot;
  /** What somebody typed, or brought along, whatever the profile. */
  private _typed: Texts;
  private _isDisposed = false;
  private _missed: { question: string; answer: Missing[] } = { question: '', answer: [] };
  private _sent: { body: string; key: string } | null = null;

  constructor(readonly options: IFormOptions<T>) {
    const { request, needed, before, problem } = options;
    this._typed = {};
    this._snapshot = {
      profile: options.profile,
      fields: [],
      texts: {},
      readings: {},
      before: request?.before ?? before,
      ids: request?.before_cell_ids ?? needed?.ids ?? [],
      missing: [],
      left: new Set(),
      hasTried: false,
      problem: null,
      isBusy: false,
      preview: null
    };
    this._settle();
    // Some fields are there only for what stands in others.
    for (let round = 0; request && round < 2; round++) {
      this._typed = textsOf(this._snapshot.fields, request);
      this._settle();
    }
    if (problem !== undefined) {
      this._snapshot = { ...this._snapshot, problem: this._problemOf(problem) };
    }
  }

  get snapshot(): FormSnapshot {
    return this._snapshot;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    Signal.clearData(this);
  }

  choose(name: string): void {
    const profile = this.options.profiles.find(each => each.name === name);
    if (profile) {
      this._set({ profile, problem: this._without(PROFILE, true) });
    }
  }

  type(pointer: Pointer, text: string): void {
    this._typed = { ...this._typed, [pointer]: text };
    this._set({ problem: this._without(pointer) });
  }

  leave(pointer: Pointer): void {
    if (!this._snapshot.left.has(pointer)) {
      this._set({ left: new Set([...this._snapshot.left, pointer]) });
    }
  }

  prepare(before: Before, ids: readonly string[]): void {
    this._set({ before, ids, problem: this._without(BEFORE) });
  }

  /** Let a cell run before that would not. */
  include(id: string): void {
    const { before, ids } = this._snapshot;
    const wanted = new Set([...(before === 'needed' ? ids : []), id]);
    const { cells } = this.options;
    this.prepare(
      'needed',
      cells.filter(cell => wanted.has(cell.id)).map(cell => cell.id)
    );
  }

  /** The fields with problems that are said, in the form's order. */
  get faulty(): Pointer[] {
    const { fields, readings, problem } = this._snapshot;
    return [
      ...(problem?.pointer ? [problem.pointer] : []),
      ...fields.filter(({ pointer }) => readings[pointer].problem).map(({ pointer }) => pointer)
    ];
  }

  /** Back from the preview. */
  back(): void {
    this._set({ preview: null });
  }

  /** Look at what would be sent. False: a field is to be mended first, or the server does not take it. */
  async look(): Promise<boolean> {
    return (
      (await this._try(async request => {
        this._set({ preview: await this.options.preview(request) });
        return true;
      })) === true
    );
  }

  /** Send it. Null: a field is to be mended first, or the server does not take it. */
  async run(): Promise<T | null> {
    return this._try(async request => {
      const body = JSON.stringify(request);
      // The same wish again, because no answer came: the key keeps it from running twice.
      this._sent = this._sent?.body === body ? this._sent : { body, key: UUID.uuid4() };
      const sent = await this.options.send({ ...request, key: this._sent.key });
      const { profile, fields, texts } = this._snapshot;
      this.options.keep(profile.name, toKeep(fields, texts));
      return sent;
    });
  }

  private async _try<R>(act: (request: NewJob) => Promise<R>): Promise<R | null> {
    const { isBusy, fields, readings } = this._snapshot;
    if (isBusy) {
      return null;
    }
    if (fields.some(({ pointer }) => readings[pointer].problem)) {
      this._set({ hasTried: true, preview: null });
      return null;
    }
    this._set({ isBusy: true, problem: null });
    try {
      return await act(this._request());
    } catch (error) {
      if (this._isDisposed) {
        this.options.tooLate(error);
      }
      this._set({ problem: this._problemOf(error), preview: null });
      return null;
    } finally {
      this._set({ isBusy: false });
    }
  }

  private _request(): NewJob {
    const { profile, fields, texts, before, ids } = this._snapshot;
    const { around, source } = this.options;
    const request = { ...requestOf(fields, texts), profile: profile.name, source: source() };
    if (around.kind === 'notebook') {
      return request;
    }
    if (before !== 'needed') {
      return { ...request, before };
    }
    return ids.length
      ? { ...request, before, before_cell_ids: [...ids] }
      : { ...request, before: 'nothing' };
  }

  private _problemOf(error: unknown): Problem {
    const { message, hint, pointer } = toComputeError(error);
    const { fields } = this._snapshot;
    const known = [PROFILE, BEFORE, BEFORE_IDS, ...fields.map(each => each.pointer)];
    const at = pointer ? fieldAt(known, pointer) : null;
    return { text: message, hint, pointer: at === BEFORE_IDS ? BEFORE : at };
  }

  /** A problem is gone as soon as its field is touched; with another profile, any may be. */
  private _without(pointer: Pointer, isAny = false): Problem | null {
    const { problem } = this._snapshot;
    return problem && !isAny && problem.pointer !== pointer ? problem : null;
  }

  private _set(change: Partial<FormSnapshot>): void {
    this._snapshot = { ...this._snapshot, ...change };
    this._settle();
    this._changed.emit();
  }

  /** Bring all that follows from what was typed in line with it. */
  private _settle(): void {
    const { profile, before, ids } = this._snapshot;
    const { profiles, around, last } = this.options;
    const known = { ...last[profile.name], ...this._typed };
    const parameters = this._setsParameters() ? this.options.parameters : null;
    const fields = fieldsOf({ profile, profiles, around, parameters }, known);
    const texts: Record<Pointer, string> = {};
    const readings: Record<Pointer, Reading> = {};
    for (const field of fields) {
      texts[field.pointer] = fitting(field, known[field.pointer]);
      readings[field.pointer] = field.read(texts[field.pointer]);
    }
    const missing = this._missing(before, ids, fields);
    this._snapshot = Object.freeze({ ...this._snapshot, fields, texts, readings, missing });
  }

  /** The ids of the cells that run, in order. */
  private _runs(before: Before, ids: readonly string[]): string[] {
    const { cells, chosen } = this.options;
    const wanted = new Set(chosen);
    const last = cells.map(({ id }) => wanted.has(id)).lastIndexOf(true);
    const isBefore = ({ id, tags }: Code, at: number) =>
      !wanted.has(id) &&
      {
        nothing: false,
        setup: tags.includes(SETUP_TAG),
        needed: ids.includes(id),
        above: at < last
      }[before];
    const first = cells.filter(isBefore);
    const all =
      before === 'setup'
        ? [...first, ...cells.filter(({ id }) => wanted.has(id))]
        : cells.filter((cell, at) => wanted.has(cell.id) || isBefore(cell, at));
    return all.map(({ id }) => id);
  }

  private _setsParameters(): boolean {
    const id = this.options.parameters?.id;
    const { before, ids } = this._snapshot;
    return id == null || this._runs(before, ids).includes(id);
  }

  private _missing(before: Before, ids: readonly string[], fields: readonly IField[]): Missing[] {
    const { names } = this.options;
    if (!names) {
      return [];
    }
    const given = fields
      .filter(({ section }) => section === 'parameters')
      .map(({ label }) => label);
    const runs = this._runs(before, ids);
    // Typing changes neither, and a long notebook has many names.
    const question = JSON.stringify([runs, given]);
    if (question !== this._missed.question) {
      this._missed = { question, answer: missingNames(names, runs, new Set(given)) };
    }
    return this._missed.answer;
  }
}

/** What was typed for another profile is taken along, as far as the field can hold it. */
function fitting({ input, initial, choices }: IField, text: string | undefined): string {
  if (text === undefined) {
    return initial;
  }
  const isOffered = (value: string) => choices.some(choice => choice.value === value);
  switch (input) {
    case 'choice':
      return isOffered(text) ? text : initial;
    case 'ticks':
      return words(text).filter(isOffered).join(' ');
    default:
      return text;
  }
}
