import { depthMax, isDeeperThan, mayBeTooDeep } from './depthMax.ts';
import { hasTooManyValues } from './valuesMax.ts';

/** A decoded JSON object from outside: nothing is promised about its members. */
export type JsonObject = Readonly<Record<string, unknown>>;

export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Decodes a text, or gives undefined where it is no JSON, or holds more than is decoded (`hasTooManyValues`), or is deeper (`depthMax`). */
export const parseJson = (text: string): unknown => {
  if (hasTooManyValues(text)) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return mayBeTooDeep(text) && isDeeperThan(value, depthMax) ? undefined : value;
  } catch {
    return undefined;
  }
};

/** A value where it is an object. */
export const objectOf = (value: unknown): JsonObject | null => (isJsonObject(value) ? value : null);

/** A value where it is a list; else an empty one. */
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** A value where it is a text that is not empty. */
export const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

/** A value where it is a count: an integer >= 0 that a double holds exactly. */
export const countOf = (value: unknown): number | null =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;

// What follows takes names, which the engine has to look for each time. Where it matters, as in each event of a stream, `countOf(body['index'])` is quicker.

/** The member `name` where it is an object. */
export const objectIn = (object: JsonObject | null, name: string): JsonObject | null => objectOf(object?.[name]);

/** The member `name` where it is a list; else an empty one. */
export const listIn = (object: JsonObject | null, name: string): readonly unknown[] => listOf(object?.[name]);

/** The member `name` where it is a text that is not empty. */
export const textIn = (object: JsonObject | null, name: string): string | null => textOf(object?.[name]);

/** The member `name` where it is a count: an integer >= 0 that a double holds exactly. */
export const countIn = (object: JsonObject | null, name: string): number | null => countOf(object?.[name]);
