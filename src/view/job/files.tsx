import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { toComputeError } from '../../api/errors';
import { isActive } from '../../api/states';
import type { FileList, Job } from '../../api/types';
import { useTrans } from '../translation';
import { bytes, fullTime } from '../units';
import { ViewWidget } from '../widget';
import type { Previewed } from './preview';
import { FilePreview, kindOf } from './preview';
import { Section } from './section';

/** A listing walks through the run folder, which may lie on a slow file system. */
const CALM_MS = 5000;

export interface IFilesOptions {
  readonly trans: TranslationBundle;
  read(): Promise<FileList>;
  /** The content of a file. */
  open(path: string): Promise<Blob>;
  urlOf(path: string): string;
}

/** What lies in the run folder. */
export class FilesSection extends Section {
  constructor(private readonly _options: IFilesOptions) {
    const { trans } = _options;
    super(trans.__('Files'));
    const View = () => (
      <>
        {this._previewed && (
          <FilePreview file={this._previewed} onClose={() => void this._preview(null)} />
        )}
        <Files
          list={this._list}
          shown={this._previewed?.path ?? null}
          urlOf={_options.urlOf}
          onPreview={path => void this._preview(path)}
        />
      </>
    );
    this._view = new ViewWidget(_options.trans, View, 'jp-Compute-files');
    this.addWidget(this._view);
  }

  override get paceMs(): number {
    return CALM_MS;
  }

  override rests({ state }: Job): boolean {
    return !isActive(state);
  }

  protected async readOnce(): Promise<boolean> {
    this._list = await this._options.read();
    this._view.update();
    return true;
  }

  /** Show what is in the file; the newest wish counts. Null: no more. */
  private async _preview(path: string | null): Promise<void> {
    const wished = path === null ? null : { path, content: null, problem: null };
    this._previewed = wished;
    this._view.update();
    if (wished) {
      let got: Previewed;
      try {
        got = { ...wished, content: await this._options.open(wished.path) };
      } catch (error) {
        got = { ...wished, problem: toComputeError(error).message };
      }
      if (this._previewed === wished && !this.isDisposed) {
        this._previewed = got;
        this._view.update();
      }
    }
  }

  private readonly _view: ViewWidget;
  private _previewed: Previewed | null = null;
  private _list: FileList = { files: [], truncated: false };
}

interface IFilesProps {
  readonly list: FileList;
  /** The file that is shown. */
  readonly shown: string | null;
  urlOf(path: string): string;
  onPreview(path: string): void;
}

function Files({ list, shown, urlOf, onPreview }: IFilesProps) {
  const trans = useTrans();
  return (
    <>
      <table>
        <thead>
          <tr>
            <th>{trans.__('File')}</th>
            <th>{trans.__('Size')}</th>
            <th>{trans.__('Changed')}</th>
            <th>
              <span className="jp-Compute-unseen">{trans.__('Preview')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {list.files.map(({ path, size, modified_at }) => (
            <tr key={path}>
              <td>
                <a href={urlOf(path)} download={path.split('/').pop()}>
                  {path}
                </a>
              </td>
              <td>{bytes(size)}</td>
              <td>{fullTime(modified_at)}</td>
              <td>
                {kindOf(path, size) && (
                  <button
                    type="button"
                    className="jp-Compute-link"
                    aria-pressed={path === shown}
                    aria-label={trans.__('Preview %1', path)}
                    onClick={() => onPreview(path)}
                  >
                    {trans.__('Preview')}
                  </button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {list.truncated && <p>{trans.__('There are more files than are listed here.')}</p>}
    </>
  );
}
