import { isJsonObject, type JsonObject } from '../../json/JsonObject.ts';
import type { RequestFault } from '../../wire.ts';

/** Most names kept of things that another wire lacks: they are told to people, and a body can hold any number of invented ones. */
const namesMax = 32;

/**
 * Reads the parsed members of a request by their types. It remembers the first thing that is wrong and goes on with a harmless value, so that
 * readers ask for all they need in a row; beside that it collects what only this wire has a word for, and what only tunes or labels.
 * A path is the place in the body, "messages.0.content.1"; null counts as "not set" everywhere, as it does at the vendor.
 */
export class RequestReading {
  readonly #natives = new Set<string>();
  readonly #hints = new Set<string>();
  #fault: RequestFault | null = null;

  /** The first fault, or null while all is well. */
  get fault(): RequestFault | null {
    return this.#fault;
  }

  get natives(): readonly string[] {
    return [...this.#natives].toSorted();
  }

  get hints(): readonly string[] {
    return [...this.#hints].toSorted();
  }

  /** Notes something that shapes the answer and that no other wire can say. */
  native(name: string): void {
    if (this.#natives.size < namesMax) this.#natives.add(name);
  }

  /** Notes something that only tunes or labels. */
  hint(name: string): void {
    if (this.#hints.size < namesMax) this.#hints.add(name);
  }

  /** Keeps a fault unless there is one already, and gives `value`. */
  refuse<Value>(path: string, wanted: string, value: Value): Value {
    this.#fault ??= {
      code: 'bad_request',
      message: `\`${path}\` must be ${wanted}.`,
      parameter: path.split('.')[0] ?? path,
    };
    return value;
  }

  /** A required text, which may be empty. */
  text(holder: JsonObject, name: string, path: string): string {
    const value = holder[name];
    return typeof value === 'string' ? value : this.refuse(placeOf(path, name), 'a string', '');
  }

  optionalText(holder: JsonObject, name: string, path: string): string | null {
    return isUnset(holder[name]) ? null : this.text(holder, name, path);
  }

  number(holder: JsonObject, name: string, path: string): number | null {
    const value = holder[name];
    if (isUnset(value)) return null;
    return typeof value === 'number' ? value : this.refuse(placeOf(path, name), 'a number', null);
  }

  count(holder: JsonObject, name: string, path: string): number | null {
    const value = holder[name];
    if (isUnset(value)) return null;
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
    return this.refuse(placeOf(path, name), 'an integer of at least 0', null);
  }

  flag(holder: JsonObject, name: string, path: string): boolean | null {
    const value = holder[name];
    if (isUnset(value)) return null;
    return typeof value === 'boolean' ? value : this.refuse(placeOf(path, name), 'true or false', null);
  }

  object(holder: JsonObject, name: string, path: string): JsonObject | null {
    const value = holder[name];
    if (isUnset(value)) return null;
    return isJsonObject(value) ? value : this.refuse(placeOf(path, name), 'an object', null);
  }

  list(holder: JsonObject, name: string, path: string): readonly unknown[] {
    const value = holder[name];
    if (isUnset(value)) return [];
    return Array.isArray(value) ? value : this.refuse(placeOf(path, name), 'a list', []);
  }

  /** The objects of a list, each with its path. */
  objects(holder: JsonObject, name: string, path: string): readonly (readonly [JsonObject, string])[] {
    const place = placeOf(path, name);
    return this.list(holder, name, path).map((item, index) => [
      isJsonObject(item) ? item : this.refuse(`${place}.${index}`, 'an object', {}),
      `${place}.${index}`,
    ]);
  }

  /** Notes members that no reader asked for: a newer wire's words, of which we cannot know what they do. */
  unknownMembers(holder: JsonObject, known: ReadonlySet<string>, name: string): void {
    for (const member of Object.keys(holder)) {
      if (!known.has(member) && !isUnset(holder[member])) this.native(placeOf(name, member));
    }
  }
}

const isUnset = (value: unknown): value is null | undefined => value === null || value === undefined;

const placeOf = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);
