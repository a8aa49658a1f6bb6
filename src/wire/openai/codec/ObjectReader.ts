import { isJsonObject, type JsonObject } from '../../json/JsonObject.ts';
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
  count(name: string, min: number, max: number): number | null {
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
    return value.map((entry: unknown, index) => ({ value: entry, path: `${path}[${index}]` }));
  }

  objects(name: string): readonly ObjectReader[] {
    return this.list(name).map((entry) => ObjectReader.of(entry, this.notes));
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

  /** Names of the members that are there but not among `known`. */
  others(known: ReadonlySet<string>): readonly string[] {
    return Object.keys(this.object).filter((name) => !known.has(name) && this.has(name));
  }
}
