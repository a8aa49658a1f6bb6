import { isJsonObject, parseJson, textIn } from '../json/JsonObject.ts';
import { scanTopLevel, type Member } from '../json/scanTopLevel.ts';
import { utf8Text } from '../utf8.ts';
import type { RequestFault } from '../wire.ts';
import type { RequestCeilings } from './RequestCeilings.ts';

/** Longest name of a model, in bytes. */
const modelBytesMax = 512;

/** Longest list that is decoded to see whether it says anything, in bytes. */
const blankBytesMax = 256;

/**
 * Reads typed members of a scanned body. It remembers the first thing that is wrong and goes on with a harmless value, so that a wire
 * asks for all it needs in a row and looks at `fault` once.
 */
export class MemberReader {
  readonly members: readonly Member[];
  readonly #body: Uint8Array;
  /** Whom a reader of a nested object tells its faults, with the name of that object. */
  readonly #outer: { readonly reader: MemberReader; readonly name: string } | null;
  #fault: RequestFault | null = null;

  constructor(
    body: Uint8Array,
    members: readonly Member[],
    outer: { reader: MemberReader; name: string } | null = null,
  ) {
    this.#body = body;
    this.members = members;
    this.#outer = outer;
  }

  /** The first fault, or null while all is well. */
  get fault(): RequestFault | null {
    return this.#fault;
  }

  /** The member `name` unless it is absent or null: vendors take both as "not set". */
  find(name: string): Member | null {
    const member = this.members.find((one) => one.key === name);
    return member === undefined || member.kind === 'null' ? null : member;
  }

  /** The required name of the model. */
  model(): string {
    const member = this.find('model');
    if (member?.kind !== 'string' || member.end - member.start <= 2) {
      return this.refuse('model', '`model` is required and must be a string: the name of a model', '');
    }
    if (member.end - member.start > modelBytesMax) {
      return this.refuse('model', `\`model\` is longer than ${modelBytesMax} bytes`, '');
    }
    return String(this.#value(member));
  }

  /** Requires that `name` is there as one of `kinds`. */
  require(name: string, kinds: readonly Member['kind'][], wanted: string): void {
    const member = this.find(name);
    if (member === null || !kinds.includes(member.kind))
      this.refuse(name, `\`${name}\` is required and must be ${wanted}`, null);
  }

  /** An optional boolean; false where it is not set. */
  flag(name: string): boolean {
    const member = this.find(name);
    if (member === null) return false;
    if (member.kind !== 'boolean') return this.refuse(name, `\`${name}\` must be true or false`, false);
    return this.#value(member) === true;
  }

  /** An optional integer within bounds; null where it is not set. @param ceiling The limit of ours that is its upper bound. */
  count(name: string, min: number, max: number, ceiling: keyof RequestCeilings): number | null {
    const member = this.find(name);
    if (member === null) return null;
    const value = member.kind === 'number' ? this.#value(member) : null;
    if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
    return this.refuse(name, `\`${name}\` must be an integer from ${min} to ${max} (limits.${ceiling})`, null);
  }

  /** An optional text; null where it is not set or is something else. */
  text(name: string): string | null {
    const member = this.find(name);
    return member?.kind === 'string' ? String(this.#value(member)) : null;
  }

  /** An optional text that says something; null where it is not set, empty or something else. */
  word(name: string): string | null {
    const text = this.text(name);
    return text === '' ? null : text;
  }

  /** Whether `name` is this very value. */
  is(name: string, value: boolean | number): boolean {
    const member = this.find(name);
    return member !== null && member.kind === typeof value && this.#value(member) === value;
  }

  /** Whether `name` is there and empty: a text without letters, a list or an object without anything in it. */
  isEmpty(name: string): boolean {
    const member = this.find(name);
    if (member?.kind === 'object') return this.nested(name)?.members.length === 0;
    return member?.kind === 'array' ? member.entries === 0 : member?.kind === 'string' && this.#value(member) === '';
  }

  /** Whether `name` holds text: it is one, or a list of parts of which one has some. Long lists have: they are not decoded for it. */
  holdsText(name: string): boolean {
    const member = this.find(name);
    if (member?.kind !== 'array') return member !== null && !this.isEmpty(name);
    if (member.end - member.start > blankBytesMax) return true;
    return this.entries(name).some((part) => textIn(isJsonObject(part) ? part : null, 'text') !== null);
  }

  /** Whether these letters stand in the bytes of a member, wherever. */
  mentions({ start, end }: Member, letters: string): boolean {
    const { buffer, byteOffset } = this.#body;
    return Buffer.from(buffer, byteOffset + start, end - start).includes(letters);
  }

  /** Whether `name` is a list with something in it. @param max Most entries that it may have, by the limit `ceiling`. */
  isFilledList(name: string, max: number, ceiling: keyof RequestCeilings): boolean {
    const entries = this.find(name)?.entries ?? 0;
    if (entries <= max) return entries > 0;
    return this.refuse(
      name,
      `\`${name}\` has ${entries} entries, and at most ${max} are taken (limits.${ceiling})`,
      true,
    );
  }

  /** The entries of a list, decoded; empty where it is not set or is something else. For lists that few requests have, or that are short. */
  entries(name: string): readonly unknown[] {
    const member = this.find(name);
    const value = member?.kind === 'array' ? this.#value(member) : null;
    return Array.isArray(value) ? value : [];
  }

  /** The entries of a list, or the one value that stands for a list, decoded; null where it is not set, or holds more than is decoded. */
  list(name: string): readonly unknown[] | null {
    const member = this.find(name);
    const value = member === null ? undefined : this.#value(member);
    if (value === undefined) return null;
    return [value].flat();
  }

  /** A reader of the members of `name`, where it is an object; its faults are this one's too. */
  nested(name: string): MemberReader | null {
    const member = this.find(name);
    if (member?.kind !== 'object') return null;
    const bytes = this.#body.subarray(member.start, member.end);
    const scanned = scanTopLevel(bytes);
    if (scanned.ok) return new MemberReader(bytes, scanned.value, { reader: this, name });
    const { code, key } = scanned.fault;
    const what =
      code === 'duplicate_key' ? `the key ${JSON.stringify(key)} stands twice; send it once` : 'it is not allowed';
    return this.refuse(name, `In \`${name}\`: ${what}`, null, code);
  }

  /** Keeps a fault unless there is one already, and gives `value`. */
  refuse<Value>(parameter: string, message: string, value: Value, code: RequestFault['code'] = 'bad_request'): Value {
    if (this.#outer !== null) {
      const { reader, name } = this.#outer;
      return reader.refuse(name, `In \`${name}\`: ${message}`, value, code);
    }
    this.#fault ??= { code, message: `${message}.`, parameter };
    return value;
  }

  #value(member: Member): unknown {
    return parseJson(utf8Text(this.#body, member.start, member.end));
  }
}
