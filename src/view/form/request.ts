import type { NewJob } from '../../api/types';
import type { Json } from '../../notebook/literals';
import type { IField, Pointer, Texts } from './field';
import { partsOf } from './field';

type Tree = { [name: string]: Json };

/** What the fields say, as parts of a request. Fields with problems are left out. */
export function requestOf(fields: readonly IField[], texts: Texts): Partial<NewJob> {
  const request: Tree = {};
  for (const field of fields) {
    const text = texts[field.pointer] ?? field.initial;
    const { value, problem } = field.read(text);
    if (value !== undefined && !problem && (field.isAlwaysSent || text !== field.initial)) {
      put(request, partsOf(field.pointer), value);
    }
  }
  if ('notify' in request) {
    // Both halves belong together, also when only one was changed.
    const halves = fields.filter(({ pointer }) => pointer.startsWith('/notify/'));
    const whole = halves.map(field => [
      partsOf(field.pointer)[1],
      field.read(texts[field.pointer] ?? field.initial).value ?? []
    ]);
    request.notify = Object.fromEntries(whole) as Tree;
  }
  if ('retries' in request && !('times' in (request.retries as Tree))) {
    delete request.retries;
  }
  return request as Partial<NewJob>;
}

function put(tree: Tree, [name, ...rest]: string[], value: Json): void {
  if (rest.length === 0) {
    Object.defineProperty(tree, name, {
      value,
      enumerable: true,
      configurable: true,
      writable: true
    });
    return;
  }
  const inner = Object.hasOwn(tree, name) ? (tree[name] as Tree) : {};
  put(inner, rest, value);
  put(tree, [name], inner);
}

/** What would stand in the fields for such a request. */
export function textsOf(fields: readonly IField[], request: Partial<NewJob>): Texts {
  const texts: Record<Pointer, string> = {};
  for (const field of fields) {
    const value = valueAt(request as Tree, partsOf(field.pointer));
    if (value !== undefined && value !== null) {
      texts[field.pointer] = field.write(value);
    }
  }
  return texts;
}

function valueAt(tree: Json | undefined, parts: string[]): Json | undefined {
  return parts.reduce<Json | undefined>(
    (value, part) =>
      typeof value === 'object' &&
      value !== null &&
      !Array.isArray(value) &&
      Object.hasOwn(value, part)
        ? value[part]
        : undefined,
    tree
  );
}

/** The field that a pointer of the server's means: itself, the whole that it is part of, or the first part of it. Null: none here. */
export function fieldAt(pointers: readonly Pointer[], pointer: Pointer): Pointer | null {
  return (
    pointers.find(each => each === pointer) ??
    pointers.find(each => pointer.startsWith(`${each}/`)) ??
    pointers.find(each => each.startsWith(`${pointer}/`)) ??
    null
  );
}
