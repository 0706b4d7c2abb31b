import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { isActive } from '../../api/states';
import type { FileList, Job } from '../../api/types';
import { useTrans } from '../translation';
import { bytes, fullTime } from '../units';
import { ViewWidget } from '../widget';
import { Section } from './section';

/** A listing walks through the run folder, which may lie on a slow file system. */
const CALM_MS = 5000;

export interface IFilesOptions {
  readonly trans: TranslationBundle;
  read(): Promise<FileList>;
  urlOf(path: string): string;
}

/** What lies in the run folder. */
export class FilesSection extends Section {
  constructor(private readonly _options: IFilesOptions) {
    super(_options.trans.__('Files'));
    const View = () => <Files list={this._list} urlOf={_options.urlOf} />;
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

  private readonly _view: ViewWidget;
  private _list: FileList = { files: [], truncated: false };
}

function Files({ list, urlOf }: { list: FileList; urlOf(path: string): string }) {
  const trans = useTrans();
  return (
    <>
      <table>
        <thead>
          <tr>
            <th>{trans.__('File')}</th>
            <th>{trans.__('Size')}</th>
            <th>{trans.__('Changed')}</th>
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
            </tr>
          ))}
        </tbody>
      </table>
      {list.truncated && <p>{trans.__('There are more files than are listed here.')}</p>}
    </>
  );
}

export interface IScriptOptions {
  readonly trans: TranslationBundle;
  read(): Promise<string>;
  /** Which attempt it is now. */
  attempt(): number | null;
}

/** The script that the scheduler was given. */
export class ScriptSection extends Section {
  constructor(private readonly _options: IScriptOptions) {
    super(_options.trans.__('Script'));
    this._text.className = 'jp-Compute-code';
    // It scrolls, so the keyboard must reach it.
    this._text.tabIndex = 0;
    this.node.append(this._text);
  }

  /** It is written once for each attempt. */
  override rests(): boolean {
    return true;
  }

  protected async readOnce(): Promise<boolean> {
    const attempt = this._options.attempt();
    if (attempt !== this._attempt) {
      this._text.textContent = await this._options.read();
      this._attempt = attempt;
    }
    return true;
  }

  private _attempt: number | null | undefined;
  private readonly _text = document.createElement('pre');
}
