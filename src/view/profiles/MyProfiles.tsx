import type { TranslationBundle } from '@jupyterlab/translation';
import type { ReactNode } from 'react';
import React, { useState } from 'react';

import { toComputeError } from '../../api/errors';
import type { Profile, Trial, TrialRequest } from '../../api/types';
import type { ProfilesSnapshot } from '../../tokens';
import type { IStore } from '../hooks';
import { useHeir, useSnapshot } from '../hooks';
import { ProfileFacts, ProfileLine } from '../ProfileFacts';
import { useTrans } from '../translation';
import { problem } from '../words';
import type { Tried } from './Checks';
import { Checks } from './Checks';
import { copyOf, free, freeName, withProfile } from './copies';
import { Editor } from './Editor';
import type { Settings } from './values';
import { isObject } from './values';

/** What the settings hold: mine, and the site's as far as JupyterLab knows them. Whatever somebody wrote there. */
export type Written = Readonly<{ mine: unknown; site: unknown }>;

export interface IMyProfilesOptions {
  readonly profiles: IStore<ProfilesSnapshot>;
  readonly written: IStore<Written>;
  /** Replace mine, and nothing else. Resolves when they are known anew. */
  save(mine: Settings): Promise<void>;
  /** Take away what an extension added. Resolves when it is known anew. */
  removeAdded(name: string): Promise<void>;
  tryOut(wish: TrialRequest): Promise<Trial>;
  /** Whether the person really wants to delete it. */
  mayDelete(title: string): Promise<boolean>;
}

/** Where one goes on when the list gives way to the form, and back. */
const BEGINNING = '.jp-Compute-profileEditor input, .jp-Compute-addProfile';

type Editing = Readonly<{
  heading: string;
  /** Its name now; null: it is new. */
  old: string | null;
  name: string;
  settings: Settings;
}>;

/** All profiles with where each comes from; mine can be written here. */
export function MyProfiles({ options }: { options: IMyProfilesOptions }) {
  const trans = useTrans();
  const { profiles, problems, locked, loaded, error } = useSnapshot(options.profiles);
  const { mine: found, site } = useSnapshot(options.written);
  const [editing, setEditing] = useState<Editing | null>(null);
  const [failed, setFailed] = useState('');
  const mine = isObject(found) ? found : {};
  const byName = new Map(profiles.map(profile => [profile.name, profile]));
  const others = profiles.filter(({ origin, name }) => origin !== 'user' || !(name in mine));
  const siteNames = others.filter(({ origin }) => origin === 'site').map(({ name }) => name);
  const taken = new Set([...Object.keys(mine), ...profiles.map(({ name }) => name)]);
  const heir = useHeir(() => document.querySelector<HTMLElement>(BEGINNING));

  if (editing) {
    const { heading, old, name, settings } = editing;
    const used = new Set([...Object.keys(mine), ...siteNames]);
    used.delete(old ?? '');
    return (
      <div {...heir}>
        <Editor
          heading={heading}
          name={name}
          settings={settings}
          types={[...profiles.map(({ scheduler }) => scheduler.type), ...typeOf(settings)]}
          taken={used}
          onLeave={() => setEditing(null)}
          onSave={async (next, made) => {
            await options.save(withProfile(mine, old, next, made));
            setEditing(null);
          }}
          tryOut={(next, made) => options.tryOut({ name: next, settings: made })}
        />
      </div>
    );
  }

  const add = () =>
    setEditing({
      heading: trans.__('New profile'),
      old: null,
      name: free('mine', taken),
      settings: {}
    });
  const duplicate = (profile: Profile, known: unknown) =>
    setEditing({
      heading: trans.__('Copy of %1', profile.title),
      old: null,
      name: freeName(profile.name, taken),
      settings: copyOf(profile, known, trans.__('%1 (copy)', profile.title))
    });
  const edit = (name: string, settings: unknown) =>
    setEditing({
      heading: trans.__('Edit %1', byName.get(name)?.title ?? name),
      old: name,
      name,
      settings: isObject(settings) ? settings : {}
    });
  const remove = async (name: string, from: Profile['origin'] = 'user') => {
    if (await options.mayDelete(byName.get(name)?.title ?? name)) {
      const { [name]: _, ...rest } = mine;
      setFailed('');
      const removed = from === 'extension' ? options.removeAdded(name) : options.save(rest);
      await removed.catch((e: unknown) => setFailed(problem(toComputeError(e), trans)));
    }
  };
  const tryOut = (name: string) => options.tryOut({ name });
  return (
    <div className="jp-Compute-form jp-Compute-profiles" {...heir}>
      {locked && (
        <p className="jp-Compute-note">
          {trans.__(
            'This site is locked: only its own profiles count. What you have written stays, and does not count now.'
          )}
        </p>
      )}
      {found !== undefined && found !== null && !isObject(found) && (
        <p className="jp-Compute-fieldProblem" role="alert">
          {trans.__('What your settings hold is no list of profiles: the next one replaces it.')}
        </p>
      )}
      {error && (
        <p className="jp-Compute-fieldProblem" role="alert">
          {problem(error, trans)}
        </p>
      )}
      {failed && (
        <p className="jp-Compute-fieldProblem" role="alert">
          {trans.__('It was not deleted.')} {failed}
        </p>
      )}
      {problems.map(each => (
        <p key={each} className="jp-Compute-fieldProblem">
          {each}
        </p>
      ))}
      {!loaded && !error && <p>{trans.__('Loading…')}</p>}
      <ul className="jp-Compute-profileList" aria-label={trans.__('Profiles')}>
        {Object.entries(mine).map(([name, settings]) => {
          const profile = byName.get(name);
          const isUsed = profile?.origin === 'user';
          return (
            <Entry
              key={`mine ${name}`}
              title={isUsed ? profile.title : name}
              from={isUsed || !loaded ? trans.__('Yours') : trans.__('Yours, does not count')}
              line={isUsed ? <ProfileLine profile={profile} /> : <b>{name}</b>}
              facts={isUsed && <ProfileFacts profile={profile} />}
              tryOut={isUsed ? () => tryOut(name) : null}
            >
              <button
                type="button"
                className="jp-Compute-link"
                onClick={() => edit(name, settings)}
              >
                {trans.__('Edit')}
              </button>
              {isUsed && !locked && (
                <button
                  type="button"
                  className="jp-Compute-link"
                  onClick={() => duplicate(profile, settings)}
                >
                  {trans.__('Duplicate')}
                </button>
              )}
              <button type="button" className="jp-Compute-link" onClick={() => void remove(name)}>
                {trans.__('Delete…')}
              </button>
            </Entry>
          );
        })}
        {others.map(profile => (
          <Entry
            key={profile.name}
            title={profile.title}
            from={whence(profile, trans)}
            line={<ProfileLine profile={profile} />}
            facts={<ProfileFacts profile={profile} />}
            tryOut={() => tryOut(profile.name)}
          >
            {!locked && (
              <button
                type="button"
                className="jp-Compute-link"
                onClick={() => duplicate(profile, isObject(site) ? site[profile.name] : undefined)}
              >
                {trans.__('Duplicate')}
              </button>
            )}
            {profile.origin === 'extension' && (
              <button
                type="button"
                className="jp-Compute-link"
                onClick={() => void remove(profile.name, profile.origin)}
              >
                {trans.__('Delete…')}
              </button>
            )}
          </Entry>
        ))}
      </ul>
      {!locked && (
        <div className="jp-Compute-profileButtons">
          <button type="button" className="jp-Compute-button jp-Compute-addProfile" onClick={add}>
            {trans.__('Add a profile')}
          </button>
        </div>
      )}
    </div>
  );
}

/** Where a profile comes from that is not one’s own. */
function whence({ origin, given_in }: Profile, trans: TranslationBundle): string {
  switch (origin) {
    case 'found':
      return trans.__('Found on this machine');
    case 'extension':
      return trans.__('Added by %1', given_in);
    default:
      return trans.__('This site’s: %1', given_in || trans.__('settings'));
  }
}

/** The kind of scheduler that it names, if it is one: also of a driver that this server has not. */
function typeOf({ scheduler }: Settings): string[] {
  const type = isObject(scheduler) ? scheduler.type : scheduler;
  return typeof type === 'string' ? [type] : [];
}

interface IEntryProps {
  readonly title: string;
  /** Where it comes from. */
  readonly from: string;
  readonly line: ReactNode;
  readonly facts: ReactNode;
  /** Null: there is nothing that could be tried. */
  readonly tryOut: (() => Promise<Trial>) | null;
  readonly children: ReactNode;
}

function Entry({ title, from, line, facts, tryOut, children }: IEntryProps) {
  const trans = useTrans();
  const [tried, setTried] = useState<Tried | undefined>();
  const test = async () => {
    setTried(null);
    setTried(
      await tryOut!().then(
        trial => ({ trial }),
        (error: unknown) => ({ error: toComputeError(error) })
      )
    );
  };
  return (
    <li aria-label={title}>
      <div className="jp-Compute-profileHead">
        {line}
        <span className="jp-Compute-from">{from}</span>
      </div>
      {facts}
      <div className="jp-Compute-profileActions">
        {tryOut && (
          <button type="button" className="jp-Compute-link" onClick={() => void test()}>
            {trans.__('Test')}
          </button>
        )}
        {children}
      </div>
      {tried !== undefined && <Checks tried={tried} />}
    </li>
  );
}
