import type { Json } from '../../notebook/literals';
import { partsOf } from '../form/field';

/** A profile as the settings hold it: whatever somebody wrote there. */
export type Settings = Readonly<Record<string, unknown>>;

/** A value of an object of objects. A number alone is the usual, the least and the most. */
export function valueAt(settings: Settings, pointer: string): Json | undefined {
  let found: unknown = settings;
  for (const part of partsOf(pointer)) {
    if (part === 'type' && typeof found === 'string') {
      // "scheduler": "slurm" is short for {"type": "slurm"}.
      return found;
    }
    if (!isObject(found)) {
      return pointer.startsWith('/resources/') && typeof found !== 'object'
        ? (found as Json | undefined)
        : undefined;
    }
    found = Object.hasOwn(found, part) ? found[part] : undefined;
  }
  return found as Json | undefined;
}

/** Put it there, and make the objects on the way; undefined takes it away. */
export function put(place: Record<string, unknown>, parts: readonly string[], made: unknown): void {
  const [first, ...rest] = parts;
  if (rest.length) {
    const inner = isObject(place[first]) ? place[first] : {};
    place[first] = inner;
    put(inner, rest, made);
  } else if (made === undefined) {
    delete place[first];
  } else {
    place[first] = made;
  }
}

export function isObject(found: unknown): found is Record<string, unknown> {
  return typeof found === 'object' && found !== null && !Array.isArray(found);
}

/** A value of a wrong type, as it is. */
export function plain(found: unknown): string {
  return typeof found === 'string' ? found : JSON.stringify(found);
}
