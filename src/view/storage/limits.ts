import type { TranslationBundle } from '@jupyterlab/translation';

import type { Storage } from '../../api/types';
import type { IField, Reading, Texts } from '../form/field';
import { aField } from '../form/field';
import { readCount, readMemory, writeMemory } from '../quantities';
import { bytes, memory } from '../units';
import type { Limits } from './state';

const MIB = 1024 ** 2;
const GIB_MIB = 1024;
const MOST_DAYS = 36_500;
const MOST_JOBS = 10_000_000;
/** What is asked about first where the settings keep everything. */
const USUAL_DAYS = 30;

/** 90 kB, 512 MiB, 3.2 GiB. */
export function size(count: number): string {
  return count < MIB ? bytes(count) : memory(count / MIB);
}

/** The limits as fields, by what the contract calls them. Empty: no such limit. */
export function limitFields(trans: TranslationBundle): IField[] {
  const read =
    (known: (text: string) => number | null, help: string) =>
    (text: string): Reading => {
      const value = text.trim() === '' ? undefined : known(text.trim());
      return value === null ? { problem: help } : value === undefined ? {} : { value };
    };
  return [
    aField({
      pointer: '/days',
      section: 'more',
      label: trans.__('Keep jobs from the last days'),
      hint: trans.__('Older jobs are deleted.'),
      read: read(readDays, trans.__('A number of days, such as 30.'))
    }),
    aField({
      pointer: '/jobs',
      section: 'more',
      label: trans.__('Keep at most this many jobs'),
      hint: trans.__('The oldest are deleted first.'),
      read: read(text => atMost(readCount(text), MOST_JOBS), trans.__('A whole number.'))
    }),
    aField({
      pointer: '/bytes',
      section: 'more',
      label: trans.__('Keep at most this much'),
      hint: trans.__('Such as 20 GiB; the oldest are deleted first.'),
      read: read(readSize, trans.__('A size, such as 20 GiB.'))
    })
  ];
}

/** What stands in the fields at first: what the settings keep. */
export function firstTexts({ keep }: Storage): Texts {
  const { days, jobs, bytes: most } = keep;
  const isNothing = days === null && jobs === null && most === null;
  return {
    '/days': isNothing ? String(USUAL_DAYS) : text(days),
    '/jobs': text(jobs),
    '/bytes': most === null ? '' : writeMemory(Math.floor(most / MIB))
  };
}

/** The limits that the texts mean. Null: none is given, or one of them means nothing. */
export function limitsOf(
  fields: readonly IField[],
  texts: Texts,
  even_only_copies: boolean
): Limits | null {
  const readings = fields.map(field => ({ field, ...field.read(texts[field.pointer] ?? '') }));
  const given = readings.flatMap(({ field, value }) =>
    value === undefined ? [] : [[field.pointer.slice(1), value] as const]
  );
  const isWrong = readings.some(({ problem }) => problem !== undefined);
  return isWrong || given.length === 0
    ? null
    : { ...(Object.fromEntries(given) as Limits), even_only_copies };
}

function text(value: number | null): string {
  return value === null ? '' : String(value);
}

function atMost(value: number | null, most: number): number | null {
  return value !== null && value <= most ? value : null;
}

function readDays(text: string): number | null {
  return /^\d+([.,]\d+)?$/.test(text) ? atMost(Number(text.replace(',', '.')), MOST_DAYS) : null;
}

/** A number alone is in GiB, as the settings have it. */
function readSize(text: string): number | null {
  const alone = /^\d+([.,]\d+)?$/.test(text);
  const mib = alone ? Number(text.replace(',', '.')) * GIB_MIB : readMemory(text);
  return mib === null ? null : Math.round(mib * MIB);
}
