/** JSON as TypeScript sees it, and the few ways in which the programs look into it. */

export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value as an object; throws if it is something else. */
export function object(value: Json | undefined, what = 'value'): JsonObject {
  if (!isObject(value)) throw new Error(`${what} is not an object: ${brief(value)}`);
  return value;
}

/** The value as a string; throws if it is something else. */
export function string(value: Json | undefined, what = 'value'): string {
  if (typeof value !== 'string') throw new Error(`${what} is not a string: ${brief(value)}`);
  return value;
}

/** The value as a list: a single value is a list of one, an absent one is empty. */
export function list(value: Json | undefined): Json[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

/** The value at a JSON Pointer (RFC 6901), or undefined. */
export function at(value: Json | undefined, pointer: string): Json | undefined {
  let here: Json | undefined = value;
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(here)) here = here[Number(key)];
    else if (isObject(here)) here = here[key];
    else return undefined;
  }
  return here;
}

/** A copy with the value at `pointer` replaced, or removed when `value` is undefined. */
export function withValue(document: JsonObject, pointer: string, value: Json | undefined): JsonObject {
  const copy = structuredClone(document);
  const parts = pointer.split('/').slice(1);
  const last = parts.pop() ?? '';
  const parent = at(copy, parts.length === 0 ? '' : `/${parts.join('/')}`);
  if (Array.isArray(parent)) {
    if (value === undefined) parent.splice(Number(last), 1);
    else parent[Number(last)] = value;
  } else {
    const target = object(parent, pointer);
    if (value === undefined) delete target[last];
    else target[last] = value;
  }
  return copy;
}

/** Short text of a value, for messages. */
export function brief(value: unknown, length = 300): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'undefined');
  return text.length > length ? `${text.slice(0, length)}…` : text;
}
