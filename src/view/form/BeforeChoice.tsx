import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { Before } from '../../api/types';

export interface IBeforeChoiceProps {
  /** The code cells above, in the notebook's order. */
  readonly cells: readonly Readonly<{ id: string; source: string }>[];
  /** What each needed cell gives. */
  readonly reasons: ReadonlyMap<string, readonly string[]>;
  readonly before: Before;
  /** The ticked cells, for `needed`. */
  readonly ids: readonly string[];
  readonly trans: TranslationBundle;
  onChange(before: Before, ids: string[]): void;
}

/** What runs before the chosen cells, and for the needed ones, which these are. */
export function BeforeChoice(props: IBeforeChoiceProps) {
  const { trans, cells, before: chosen, ids, onChange } = props;
  const choices: [Before, string, string][] = [
    ['nothing', trans.__('Nothing'), trans.__('Only the chosen cells run, in a fresh kernel.')],
    [
      'setup',
      trans.__('Setup cells'),
      trans.__('Cells above with the tag “compute-setup” run first.')
    ],
    ['needed', trans.__('Needed cells'), trans.__('These run first, in the same fresh kernel:')],
    ['above', trans.__('All above'), trans.__('All code cells above run first.')]
  ];
  return (
    <>
      <fieldset>
        <legend>{trans.__('Before them')}</legend>
        <div className="jp-Compute-segments">
          {choices.map(([before, label]) => (
            <label key={before} data-on={chosen === before || undefined}>
              <input
                type="radio"
                name="compute-before"
                checked={chosen === before}
                onChange={() => onChange(before, [...ids])}
              />
              {label}
            </label>
          ))}
        </div>
      </fieldset>
      <p>{choices.find(([before]) => before === chosen)?.[2]}</p>
      {chosen === 'needed' && cells.length > 0 && <Ticks {...props} />}
      {chosen === 'needed' && cells.length === 0 && <p>{trans.__('There is no cell above.')}</p>}
    </>
  );
}

/** The cells above, each with its first line and what it gives. */
function Ticks({ cells, reasons, ids, trans, onChange }: IBeforeChoiceProps) {
  const ticked = new Set(ids);
  const toggle = (id: string) => {
    const next = new Set(ticked);
    if (!next.delete(id)) {
      next.add(id);
    }
    onChange(
      'needed',
      cells.filter(cell => next.has(cell.id)).map(cell => cell.id)
    );
  };
  return (
    <ul className="jp-Compute-ticks">
      {cells.map(({ id, source }) => (
        <li key={id}>
          <label title={source}>
            <input type="checkbox" checked={ticked.has(id)} onChange={() => toggle(id)} />
            <code>{firstLine(source)}</code>
            {ticked.has(id) && (
              <span>
                {(reasons.get(id) ?? []).join(', ') || (reasons.has(id) && trans.__('setup'))}
              </span>
            )}
          </label>
        </li>
      ))}
    </ul>
  );
}

/** The first line that says something. */
export function firstLine(source: string): string {
  const lines = source.split('\n').map(line => line.trim());
  return lines.find(line => line !== '' && !line.startsWith('#')) ?? lines[0];
}
