import { isJsonObject, type JsonObject } from '../json/JsonObject.ts';
import type { RequestNotes } from './RequestNotes.ts';

/** One entry of a list, with where it stands. */
export interface Entry {
  readonly value: unknown;
  readonly path: string;
}

/**
 * Reads typed members of a decoded object of a request. A member that is null counts as absent, as the vendors take it; one of another type
 * is a fault that names its path, and reads as absent.
 */
export class ObjectReader {
  readonly object: JsonObject;
  readonly path: string;
  readonly notes: RequestNotes;

  constructor(object: JsonObject, path: string, notes: RequestNotes) {
    this.object = object;
    this.path = path;
    this.notes = notes;
  }

  /** Reads an entry that must be an object; an empty one stands in after a fault. */
  static of({ value, path }: Entry, notes: RequestNotes): ObjectReader {
    return new ObjectReader(isJsonObject(value) ? value : notes.refuse(path, 'must be an object', {}), path, notes);
  }

  at(name: string): string {
    return this.path === '' ? name : `${this.path}.${name}`;
  }

  value(name: string): unknown {
    return this.object[name] ?? undefined;
  }

  has(name: string): boolean {
    return this.value(name) !== undefined;
  }

  refuse<Value>(name: string, what: string, value: Value): Value {
    return this.notes.refuse(this.at(name), what, value);
  }

  text(name: string): string | null {
    const value = this.value(name);
    if (value === undefined || typeof value === 'string') return value ?? null;
    return this.refuse(name, 'must be a string', null);
  }

  /** A text that must be there; it may be empty. */
  givenText(name: string): string {
    return this.text(name) ?? this.refuse(name, 'is required and must be a string', '');
  }

  /** A text that must be there and not be empty. */
  requiredText(name: string): string {
    const value = this.text(name);
    return value === null || value === '' ? this.refuse(name, 'is required and must be a string', '') : value;
  }

  flag(name: string): boolean | null {
    const value = this.value(name);
    if (value === undefined || typeof value === 'boolean') return value ?? null;
    return this.refuse(name, 'must be true or false', null);
  }

  number(name: string): number | null {
    const value = this.value(name);
    if (value === undefined || typeof value === 'number') return value ?? null;
    return this.refuse(name, 'must be a number', null);
  }

  /** An integer within bounds. */
  count(name: string, min: number, max: number = Number.MAX_SAFE_INTEGER): number | null {
    const value = this.number(name);
    if (value === null || (Number.isInteger(value) && value >= min && value <= max)) return value;
    return this.refuse(name, `must be an integer from ${min} to ${max}`, null);
  }

  /** The entries of a list; none where it is absent. */
  list(name: string): readonly Entry[] {
    const value = this.value(name);
    if (value === undefined) return [];
    if (!Array.isArray(value)) return this.refuse(name, 'must be a list', []);
    const path = this.at(name);
    return value.map((entry: unknown, index) => ({ value: entry, path: this.notes.entryPath(path, index) }));
  }

  objects(name: string): readonly ObjectReader[] {
    return this.list(name).map((entry) => ObjectReader.of(entry, this.notes));
  }

  /** The parts of a content: a text stands for one part of text, and nothing for none. */
  parts(name: string): readonly ObjectReader[] {
    const value = this.value(name);
    if (typeof value === 'string') return [new ObjectReader({ type: 'text', text: value }, this.at(name), this.notes)];
    if (value === undefined || Array.isArray(value)) return this.objects(name);
    return this.refuse(name, 'must be a string or a list of parts', []);
  }

  /** The same of a content that must be there. */
  requiredParts(name: string): readonly ObjectReader[] {
    return this.has(name) ? this.parts(name) : this.refuse(name, 'is required', []);
  }

  /** The texts of a list of texts. */
  texts(name: string): readonly string[] {
    return this.list(name).map(({ value, path }) =>
      typeof value === 'string' ? value : this.notes.refuse(path, 'must be a string', ''),
    );
  }

  /** A reader of the member `name`; null where it is absent. */
  nested(name: string): ObjectReader | null {
    const value = this.value(name);
    return value === undefined ? null : ObjectReader.of({ value, path: this.at(name) }, this.notes);
  }

  /** The same of a member that must be there. */
  requiredNested(name: string): ObjectReader {
    return this.nested(name) ?? new ObjectReader(this.refuse(name, 'is required', {}), this.at(name), this.notes);
  }

  /** A member that is kept as it was parsed, and must be there: a JSON Schema, the arguments of a call. */
  requiredObject(name: string): JsonObject {
    return this.requiredNested(name).object;
  }

  /** Names of the members that are there but not among `known`. */
  others(known: ReadonlySet<string>): readonly string[] {
    return Object.keys(this.object).filter((name) => !known.has(name) && this.has(name));
  }

  /** Notes members that are not known, where such only label. @param holder What holds them: "messages". */
  hintOthers(known: ReadonlySet<string>, holder: string): void {
    for (const name of this.others(known)) this.notes.hint(`${holder}.${name}`);
  }

  /** Notes members that are not known, where nobody can say what they do. */
  nativeOthers(known: ReadonlySet<string>, holder: string): void {
    for (const name of this.others(known)) this.notes.native(`${holder}.${name}`);
  }
}
