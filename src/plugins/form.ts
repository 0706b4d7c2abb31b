import type { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import { PathExt } from '@jupyterlab/coreutils';
import type { KernelSpec } from '@jupyterlab/services';
import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { ComputeClient } from '../api/client';
import type { Before, Job, NewJob, NotifyWays, Profile } from '../api/types';
import { needs } from '../notebook/names/needs';
import type { IPythonParser } from '../notebook/names/tree';
import { analysed, parserOf } from '../notebook/needs';
import { PARAMETERS_TAG, readParameters } from '../notebook/parameters';
import type { ISubject } from '../notebook/subject';
import type { IJobs, IProfiles } from '../tokens';
import { openForm } from '../view/form/dialog';
import type { Texts } from '../view/form/field';
import type { Parameters } from '../view/form/fields';
import type { Kernel } from '../view/form/further';
import type { IFormOptions } from '../view/form/state';
import { tell } from './messages';

/** What the form wrote down lies in settings of its own: it is the person's, as the chosen profile is, not the page's. */
const ID = 'jupyterlab-compute:form';
const LAST = 'last';

export interface IFormPlace {
  readonly jobs: Pick<IJobs, 'submit' | 'preview'>;
  readonly profiles: IProfiles;
  readonly kernelspecs: KernelSpec.IManager;
  readonly languages: IEditorLanguageRegistry | null;
  readonly registry: ISettingRegistry | null;
  readonly trans: TranslationBundle;
  connect(): Promise<ComputeClient>;
}

/** How the form is to begin. */
export type Beginning = Readonly<{
  title: string;
  profile: Profile;
  /** What usually runs before chosen cells. */
  before: Before;
  /** Values of an earlier request; they are all there is to it, so the last values stay away. */
  request?: Partial<NewJob>;
  /** What has been said of this run; the last values are there for all else. */
  said?: Partial<NewJob>;
  /** Why nothing was sent without it. */
  problem?: unknown;
  note?: string;
}>;

/** Shows the form and sends what it says. Null: the person left. Rejects when there is nothing to fill in. */
export async function fillIn(
  subject: ISubject,
  beginning: Beginning,
  place: IFormPlace
): Promise<Job | null> {
  return openForm(beginning.title, await optionsOf(subject, beginning, place), place.trans);
}

/** What the form needs to know. */
export async function optionsOf(
  subject: ISubject,
  { profile, before, request, said, problem, note }: Omit<Beginning, 'title'>,
  place: IFormPlace
): Promise<IFormOptions> {
  const { jobs, profiles, languages, trans } = place;
  const { path, cells, metadata, sessionKernel } = subject;
  const parser = languages && (await parserOf(metadata, languages));
  const [settings, kernels, formats, ways] = await Promise.all([
    place.registry?.load(ID).catch(() => null) ?? null,
    kernelsOf(place.kernelspecs),
    formatsOf(place),
    waysOf(place)
  ]);
  const names = parser && analysed(cells, parser);
  const needed = names && subject.chosen ? needs(names, new Set(subject.chosen)) : null;
  const own = metadata.kernelspec?.name;
  return {
    profiles: profiles.snapshot.profiles,
    profile,
    around: {
      kind: subject.chosen ? 'cells' : 'notebook',
      path,
      kernels,
      ownKernel: typeof own === 'string' && own ? own : null,
      sessionKernel,
      formats,
      ways,
      trans
    },
    parameters: parametersOf(subject, parser, request, trans),
    cells,
    chosen: subject.chosen ?? cells.map(({ id }) => id),
    names,
    needed,
    // Where nobody can tell which cells are needed, all above are.
    before: needed || before !== 'needed' ? before : 'above',
    last: request ? {} : ((settings?.get(LAST).composite ?? {}) as Record<string, Texts>),
    request: request ?? said,
    problem,
    note,
    source: () => subject.source(),
    preview: wish => jobs.preview(wish),
    send: wish => jobs.submit(wish),
    tooLate: error =>
      void tell(trans.__('“%1” was not sent', PathExt.basename(path)), error, trans),
    keep: (name, texts) => {
      const last = (settings?.get(LAST).composite ?? {}) as Record<string, Texts>;
      // What cannot be remembered is typed again; the job is on its way.
      void settings?.set(LAST, { ...last, [name]: texts }).catch(() => undefined);
    }
  };
}

/** What the notebook's cell names, and what an earlier request set besides. */
function parametersOf(
  { cells }: ISubject,
  parser: IPythonParser | null,
  request: Partial<NewJob> | undefined,
  trans: TranslationBundle
): Parameters {
  const cell = cells.find(({ tags }) => tags.includes(PARAMETERS_TAG));
  const named = cell && parser ? readParameters(cell.source, parser) : [];
  const known = new Set(named.map(({ name }) => name));
  const others = Object.keys(request?.parameters ?? {}).filter(name => !known.has(name));
  if (!cell && others.length === 0) {
    return null;
  }
  const help = trans.__('Set by the earlier run; not in the notebook’s cell.');
  const more = others.map(name => ({ ...UNKNOWN, name, help }));
  // Values that no cell names are set first of all.
  const id = others.length ? null : (cell?.id ?? null);
  return { id, list: parser ? [...named, ...more] : null, parser };
}

const UNKNOWN = {
  type: 'value',
  annotation: '',
  value: undefined,
  source: '',
  choices: []
} as const;

async function kernelsOf(manager: KernelSpec.IManager): Promise<Kernel[] | null> {
  await manager.ready.catch(() => undefined);
  const { kernelspecs } = manager.specs ?? {};
  return kernelspecs
    ? Object.values(kernelspecs).flatMap(spec =>
        spec ? { name: spec.name, title: spec.display_name } : []
      )
    : null;
}

const FORMAT = 'format-';

/** How one can be told of the job; null where the server does not say. */
async function waysOf({ connect }: IFormPlace): Promise<NotifyWays | null> {
  try {
    return await (await connect()).notifyWays();
  } catch {
    return null;
  }
}

/** What the server makes of executed notebooks beside them; nothing where it does not say. */
async function formatsOf({ connect }: IFormPlace): Promise<string[]> {
  try {
    const { capabilities } = await (await connect()).handshake();
    return capabilities
      .filter(each => each.startsWith(FORMAT))
      .map(each => each.slice(FORMAT.length));
  } catch {
    return [];
  }
}
