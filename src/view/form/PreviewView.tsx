import type { ReactNode } from 'react';
import React, { useId } from 'react';

import type { Preview } from '../../api/types';
import type { Code } from '../../notebook/source';
import { useTrans } from '../translation';
import { bytes, clock, startsIn } from '../units';
import { firstLine } from './BeforeChoice';

export interface IPreviewProps {
  readonly preview: Preview;
  readonly cells: readonly Code[];
  readonly kind: 'notebook' | 'cells';
  /** Warnings that the page found. */
  readonly missing: ReactNode;
}

/** What would be sent: nothing has been. */
export function PreviewView({ preview, cells, kind, missing }: IPreviewProps) {
  const trans = useTrans();
  const { warnings, estimated_start, lands_at, command, script, files } = preview;
  return (
    <div className="jp-Compute-preview">
      {missing}
      {warnings.map(warning => (
        <p key={warning} className="jp-Compute-warning">
          {warning}
        </p>
      ))}
      <dl>
        <dt>{trans.__('Start')}</dt>
        <dd>
          {estimated_start
            ? `${startsIn(estimated_start, Date.now(), trans)} (${clock(estimated_start)})`
            : trans.__('Not known in advance.')}
        </dd>
        {lands_at && (
          <>
            <dt>{trans.__('Executed copy')}</dt>
            <dd>{lands_at}</dd>
          </>
        )}
        {kind === 'cells' && (
          <>
            <dt>{trans.__('Cells, in this order')}</dt>
            <dd>
              <Cells preview={preview} cells={cells} />
            </dd>
          </>
        )}
        <dt>{trans.__('Files')}</dt>
        <dd>
          <ul className="jp-Compute-sent">
            {files.map(({ path, size }) => (
              <li key={path}>
                <code>{path}</code> <span>{bytes(size)}</span>
              </li>
            ))}
          </ul>
        </dd>
      </dl>
      <Source title={trans.__('Command')} text={command.map(quoted).join(' ')} />
      <Source title={trans.__('Script')} text={script} />
    </div>
  );
}

function Cells({ preview, cells }: Pick<IPreviewProps, 'preview' | 'cells'>) {
  const trans = useTrans();
  const sources = new Map(cells.map(({ id, source }) => [id, source]));
  return (
    <ol className="jp-Compute-sent">
      {preview.cells.map(({ id, role }) => (
        <li key={id}>
          <code>{firstLine(sources.get(id) ?? trans.__('# Parameters'))}</code>{' '}
          {role === 'before' && <span>{trans.__('first')}</span>}
        </li>
      ))}
    </ol>
  );
}

function Source({ title, text }: Readonly<{ title: string; text: string }>) {
  const id = useId();
  return (
    <section aria-labelledby={id}>
      <h3 id={id}>{title}</h3>
      <pre role="group" tabIndex={0} aria-labelledby={id}>
        {text}
      </pre>
    </section>
  );
}

/** A word as one would type it in a shell. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replace(/'/g, `'\\''`)}'`;
}
