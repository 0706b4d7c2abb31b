import { settingsIcon } from '@jupyterlab/ui-components';
import React from 'react';

import type { ProfilesSnapshot, TargetSnapshot } from '../tokens';
import { once } from './clicks';
import { IconButton } from './IconButton';
import { ProfileFacts } from './ProfileFacts';
import { ProfilePicker } from './ProfilePicker';
import { useTrans } from './translation';
import { startsIn } from './units';

export interface IRunBoxEvents {
  onChoose(profile: string): void;
  /** `ask`: show the options first. */
  onRunCells(ask: boolean): void;
  onRunNotebook(ask: boolean): void;
  onSettings(): void;
}

export interface IRunBoxProps {
  readonly profiles: ProfilesSnapshot;
  readonly target: TargetSnapshot;
  /** When it would start; null when nobody knows. */
  readonly start: string | null;
  readonly events: IRunBoxEvents;
}

/** Where it will run, what that gives, and two buttons that say what they will do. */
export function RunBox({ profiles, target, start, events }: IRunBoxProps) {
  const trans = useTrans();
  return (
    <>
      <div className="jp-Compute-head">
        <h2>{trans.__('Compute')}</h2>
        <IconButton icon={settingsIcon} label={trans.__('Settings')} onClick={events.onSettings} />
      </div>
      {profiles.loaded && (
        <div className="jp-Compute-run">
          <Place profiles={profiles} onChoose={events.onChoose} />
          {profiles.current && <Buttons target={target} start={start} events={events} />}
          <Problems problems={profiles.problems} />
        </div>
      )}
    </>
  );
}

type PlaceProps = Readonly<{ profiles: ProfilesSnapshot; onChoose(profile: string): void }>;

function Place({ profiles: { profiles, current }, onChoose }: PlaceProps) {
  const trans = useTrans();
  if (!current) {
    return (
      <p className="jp-Compute-hint">
        {trans.__('No profile is set up: add one in the settings.')}
      </p>
    );
  }
  return (
    <>
      <ProfilePicker profiles={profiles} current={current} onChoose={onChoose} />
      <ProfileFacts profile={current} />
    </>
  );
}

function Buttons({ target, start, events }: Omit<IRunBoxProps, 'profiles'>) {
  const trans = useTrans();
  const { name, path, cells } = target;
  if (name === null) {
    return (
      <p className="jp-Compute-hint">
        {trans.__('Open a notebook to run it, or some of its cells, here.')}
      </p>
    );
  }
  return (
    <>
      <div className="jp-Compute-buttons">
        <button
          type="button"
          className="jp-Compute-button"
          data-primary
          disabled={cells === 0}
          title={trans.__('Shift-click to see the options first')}
          onClick={once(event => events.onRunCells(event.shiftKey))}
        >
          {cells === 0 ? trans.__('Run cells') : trans._n('Run %1 cell', 'Run %1 cells', cells)}
        </button>
        <button
          type="button"
          className="jp-Compute-button"
          onClick={once(event => events.onRunNotebook(event.shiftKey))}
        >
          {trans.__('Run notebook')}
        </button>
      </div>
      <p className="jp-Compute-hint" title={path ?? undefined}>
        {[name, start && startsIn(start, Date.now(), trans)].filter(Boolean).join(' · ')}
      </p>
    </>
  );
}

function Problems({ problems }: { problems: readonly string[] }) {
  const trans = useTrans();
  if (problems.length === 0) {
    return null;
  }
  return (
    <details className="jp-Compute-problems">
      <summary>
        {trans._n('%1 problem in the settings', '%1 problems in the settings', problems.length)}
      </summary>
      <ul>
        {problems.map(problem => (
          <li key={problem}>{problem}</li>
        ))}
      </ul>
    </details>
  );
}
