import type { TranslationBundle } from '@jupyterlab/translation';

import type { Reading, Texts } from '../form/field';
import { partsOf } from '../form/field';
import type { Group } from './fields';
import { COLUMNS, NAME_POINTER } from './fields';
import type { Settings } from './values';
import { isObject, put, valueAt } from './values';

/** What stands in the fields for these settings. What has a wrong type is shown as it is, so that it can be put right. */
export function textsOf(name: string, settings: Settings, groups: readonly Group[]): Texts {
  const texts: Record<string, string> = { [NAME_POINTER]: name };
  for (const field of groups.flatMap(({ fields }) => fields)) {
    if (field.pointer !== NAME_POINTER) {
      const found = valueAt(settings, field.pointer);
      texts[field.pointer] =
        found === undefined || found === null ? field.initial : field.write(found);
    }
  }
  return texts;
}

/** How each text is understood; a range out of order is a problem of what is usual. */
export function readingsOf(
  texts: Texts,
  groups: readonly Group[],
  trans: TranslationBundle
): ReadonlyMap<string, Reading> {
  const readings = new Map<string, Reading>();
  for (const field of groups.flatMap(({ fields }) => fields)) {
    readings.set(field.pointer, field.read(texts[field.pointer] ?? field.initial));
  }
  for (const [pointer] of readings) {
    const place = /^(\/resources\/.+)\/default$/.exec(pointer)?.[1];
    if (place !== undefined) {
      const given = COLUMNS.map(column => readings.get(`${place}/${column}`)?.value);
      const numbers = given.filter(each => typeof each === 'number');
      if (numbers.some((each, at) => at > 0 && each < numbers[at - 1])) {
        readings.set(pointer, {
          problem: trans.__('It does not lie between the least and the most.')
        });
      }
    }
  }
  return readings;
}

/** The settings that the readings mean. What no field shows stays as it was in `base`. */
export function settingsOf(base: Settings, readings: ReadonlyMap<string, Reading>): Settings {
  const made = JSON.parse(JSON.stringify(base)) as Record<string, unknown>;
  if (!isObject(made.scheduler)) {
    made.scheduler = {};
  }
  const resources: Record<string, unknown> = {};
  for (const [pointer, reading] of readings) {
    const parts = partsOf(pointer);
    if (pointer === NAME_POINTER) {
      continue;
    }
    if (parts[0] === 'resources') {
      put(resources, parts.slice(1), reading.value);
    } else {
      put(made, parts, reading.value);
    }
  }
  delete made.resources;
  const given = Object.entries(resources).flatMap(([name, range]) => {
    const { min, default: usual, max } = range as Record<string, unknown>;
    const isFixed = usual !== undefined && min === usual && max === usual;
    return isFixed ? [[name, usual]] : Object.keys(range as object).length ? [[name, range]] : [];
  });
  if (given.length) {
    made.resources = Object.fromEntries(given) as unknown;
  }
  if (isObject(made.environment) && Object.keys(made.environment).length === 0) {
    delete made.environment;
  }
  return made;
}
