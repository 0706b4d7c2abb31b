import type { IOutput } from '@jupyterlab/nbformat';

import type { OutputEvent } from '../api/types';

/** One step from the outputs that a view shows to those that the cell has now. */
export type Step =
  | { readonly kind: 'clear' }
  | { readonly kind: 'add'; readonly output: IOutput }
  | { readonly kind: 'append'; readonly name: string; readonly text: string }
  | { readonly kind: 'set'; readonly index: number; readonly output: IOutput };

export type CellStatus = 'waiting' | 'running' | 'ok' | 'error' | 'aborted';

/** All outputs of one cell in one run: what the events come to, as JupyterLab itself would have it. */
export class CellOutputs {
  status: CellStatus = 'waiting';
  startedAt: string | null = null;
  executionCount: number | null = null;
  durationS: number | null = null;

  get outputs(): readonly IOutput[] {
    return this._outputs;
  }

  get hasEnded(): boolean {
    return this.status !== 'waiting' && this.status !== 'running';
  }

  /** The error that the cell ended with. */
  get error(): IOutput | null {
    return this._outputs.find(output => output.output_type === 'error') ?? null;
  }

  /** Takes an event of this cell, or `update_display` of any cell of the job. */
  apply(event: OutputEvent): Step[] {
    switch (event.event) {
      case 'cell_started':
        this.status = 'running';
        this.startedAt = event.at;
        return [];
      case 'cell_ended':
        this.status = event.status ?? 'ok';
        this.executionCount = event.execution_count ?? null;
        this.durationS = event.duration_s ?? null;
        return [];
      case 'output':
        return this._add(event.output as unknown as IOutput, event.display_id);
      case 'update_display':
        return this._update(event);
      case 'clear_output':
        return event.wait ? this._clearSoon() : this._clear();
      default:
        // A newer bridge may tell more than this page knows.
        return [];
    }
  }

  private _add(given: IOutput, displayId: string | undefined): Step[] {
    const steps = this._clearNext ? this._clear() : [];
    const output = normalised(given);
    const last = this._outputs[this._outputs.length - 1];
    if (isStream(output) && last && isStream(last) && last.name === output.name) {
      last.text += output.text;
      return [...steps, { kind: 'append', name: output.name, text: output.text }];
    }
    if (displayId !== undefined) {
      const places = this._displays.get(displayId) ?? [];
      this._displays.set(displayId, [...places, this._outputs.length]);
    }
    this._outputs.push(output);
    return [...steps, { kind: 'add', output: { ...output } }];
  }

  private _update({ display_id, data, metadata }: OutputEvent): Step[] {
    const places = this._displays.get(display_id ?? '') ?? [];
    return places.map(index => {
      const output = {
        ...this._outputs[index],
        data: data ?? {},
        metadata: metadata ?? {}
      } as IOutput;
      this._outputs[index] = output;
      return { kind: 'set', index, output };
    });
  }

  private _clearSoon(): Step[] {
    this._clearNext = true;
    return [];
  }

  private _clear(): Step[] {
    this._clearNext = false;
    this._displays.clear();
    this._outputs = [];
    return [{ kind: 'clear' }];
  }

  private _outputs: IOutput[] = [];
  private _clearNext = false;
  /** Where each display of the cell stands; one may be shown several times. */
  private _displays = new Map<string, number[]>();
}

type Stream = IOutput & { name: string; text: string };

function isStream(output: IOutput): output is Stream {
  return output.output_type === 'stream';
}

/** The shared document joins a list of lines with commas, and wants metadata where nbformat does. */
function normalised(output: IOutput): IOutput {
  if (output.output_type === 'stream') {
    const { text } = output;
    return { ...output, text: Array.isArray(text) ? text.join('') : String(text ?? '') };
  }
  return output.output_type === 'error'
    ? { ...output }
    : { ...output, metadata: output.metadata ?? {} };
}
