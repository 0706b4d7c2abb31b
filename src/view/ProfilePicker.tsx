import { caretDownIcon } from '@jupyterlab/ui-components';
import React, { useEffect, useId, useRef, useState } from 'react';

import type { Profile } from '../api/types';
import { ProfileFacts, ProfileLine } from './ProfileFacts';
import { useTrans } from './translation';

export interface IProfilePickerProps {
  readonly profiles: readonly Profile[];
  readonly current: Profile;
  onChoose(name: string): void;
}

/** Where the next job runs; a click shows the others below it. */
export function ProfilePicker({ profiles, current, onChoose }: IProfilePickerProps) {
  const trans = useTrans();
  const [isOpen, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const picker = useRef<HTMLDivElement>(null);
  const list = useId();

  useEffect(() => {
    if (!isOpen) {
      return;
    }
    const isElsewhere = ({ target }: Event) => !picker.current?.contains(target as Node | null);
    const onPointer = (event: Event) => {
      if (isElsewhere(event)) {
        setOpen(false);
      }
    };
    const onKey = (event: KeyboardEvent) => {
      if ((event.key === 'Escape' || event.key === 'Tab') && isElsewhere(event)) {
        setOpen(false);
      }
    };
    // Who goes elsewhere is done with the list. The focus alone says nothing: JupyterLab moves it by itself at its start.
    document.addEventListener('pointerdown', onPointer, true);
    document.addEventListener('keydown', onKey, true);
    return () => {
      document.removeEventListener('pointerdown', onPointer, true);
      document.removeEventListener('keydown', onKey, true);
    };
  }, [isOpen]);

  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  const choose = (name: string) => {
    close();
    onChoose(name);
  };

  return (
    <div ref={picker} className="jp-Compute-picker">
      <button
        type="button"
        ref={button}
        className="jp-Compute-pickerButton"
        aria-haspopup="listbox"
        aria-expanded={isOpen}
        aria-controls={isOpen ? list : undefined}
        aria-label={trans.__('Profile: %1', current.title)}
        onClick={() => setOpen(!isOpen)}
        onKeyDown={event => {
          if (event.key === 'ArrowDown' && !isOpen) {
            event.preventDefault();
            setOpen(true);
          } else if ((event.key === 'Escape' || event.key === 'Tab') && isOpen) {
            setOpen(false);
          }
        }}
      >
        <ProfileLine profile={current} />
        <caretDownIcon.react tag="span" className="jp-Compute-caret" width="16" height="16" />
      </button>
      {isOpen && (
        <Options
          id={list}
          profiles={profiles}
          current={current}
          onChoose={choose}
          onClose={close}
        />
      )}
    </div>
  );
}

interface IOptionsProps extends IProfilePickerProps {
  readonly id: string;
  onClose(): void;
}

function Options({ id, profiles, current, onChoose, onClose }: IOptionsProps) {
  const trans = useTrans();
  const box = useRef<HTMLDivElement>(null);
  const options = () => [...(box.current?.querySelectorAll<HTMLElement>('[role="option"]') ?? [])];

  useEffect(() => {
    box.current?.querySelector<HTMLElement>('[aria-selected="true"]')?.focus();
  }, []);

  const onKeyDown = (event: React.KeyboardEvent) => {
    const all = options();
    const index = all.indexOf(document.activeElement as HTMLElement);
    const steps: Readonly<Record<string, () => void>> = {
      ArrowDown: () => all[Math.min(index + 1, all.length - 1)]?.focus(),
      ArrowUp: () => all[Math.max(index - 1, 0)]?.focus(),
      Home: () => all[0]?.focus(),
      End: () => all[all.length - 1]?.focus(),
      Enter: () => all[index]?.click(),
      ' ': () => all[index]?.click(),
      Escape: onClose,
      Tab: onClose
    };
    if (Object.hasOwn(steps, event.key)) {
      event.preventDefault();
      event.stopPropagation();
      steps[event.key]();
    }
  };

  return (
    <div
      ref={box}
      id={id}
      role="listbox"
      className="jp-Compute-options"
      aria-label={trans.__('Profiles')}
      onKeyDown={onKeyDown}
    >
      {profiles.map(profile => (
        <div
          key={profile.name}
          role="option"
          className="jp-Compute-option"
          aria-selected={profile.name === current.name}
          tabIndex={-1}
          title={profile.description}
          onClick={() => onChoose(profile.name)}
        >
          <ProfileLine profile={profile} />
          <ProfileFacts profile={profile} />
        </div>
      ))}
    </div>
  );
}
