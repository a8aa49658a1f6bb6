import { assert } from '../../kernel/index.ts';
import { scanTopLevel } from '../json/scanTopLevel.ts';
import { splice, type Edit } from '../json/splice.ts';
import type { EditedRequest, RequestEdits, RequestFacts } from '../wire.ts';
import { cacheKeyMember } from './cacheKeyIn.ts';

/** Collects edits to a request and their names for the ledger, then applies them at once. */
export class EditList {
  readonly #body: Uint8Array;
  readonly #facts: RequestFacts;
  readonly #edits: Edit[] = [];
  readonly #named: string[] = [];

  constructor(body: Uint8Array, facts: RequestFacts) {
    this.#body = body;
    this.#facts = facts;
  }

  /** Sets a member, in its place where it is there, else as the first one. @param value JSON text. */
  set(key: string, value: string | Uint8Array, name: string): void {
    const member = this.#facts.members.find((one) => one.key === key);
    this.#edits.push(member === undefined ? { kind: 'insert', key, value } : { kind: 'replace', member, value });
    this.#named.push(name);
  }

  /** Sets a member of the object `key`, which is made where it is absent or no object. @param value JSON text. */
  setWithin(key: string, inner: string, value: string, name: string): void {
    this.set(key, this.#within(key, inner, value), name);
  }

  /** Names one more thing that an edit did. */
  name(name: string): void {
    this.#named.push(name);
  }

  setModel(model: string): void {
    if (model !== this.#facts.model) this.set('model', JSON.stringify(model), 'model');
  }

  /** Takes a member out of the body because the target is told it elsewhere, as in its path. */
  moveOut(key: string): void {
    const member = this.#facts.members.find((one) => one.key === key);
    if (member === undefined) return;
    this.#edits.push({ kind: 'remove', member });
    this.#named.push(key);
  }

  /** Tells the vendor another name of the prompt cache where the client told one, unless it is told none. */
  setCacheKey({ cacheKey, drop = [] }: Pick<RequestEdits, 'cacheKey' | 'drop'>): void {
    if (cacheKey === undefined || this.#facts.cacheKey === undefined || drop.includes(cacheKeyMember)) return;
    this.set(cacheKeyMember, JSON.stringify(cacheKey), cacheKeyMember);
  }

  /** Leaves members out and renames others, as a target was seen to need it; names that the body does not have are passed over. */
  correct({ drop = [], rename = {} }: Pick<RequestEdits, 'drop' | 'rename'>): void {
    for (const member of this.#facts.members) {
      // A member may be called as what every object inherits: "constructor".
      const key = Object.hasOwn(rename, member.key) ? rename[member.key] : undefined;
      if (drop.includes(member.key)) {
        this.#edits.push({ kind: 'remove', member });
        this.#named.push(`-${member.key}`);
      } else if (key !== undefined) {
        this.#rename(member, key);
      }
    }
  }

  apply(): EditedRequest {
    return { body: splice(this.#body, this.#facts.members, this.#edits), named: this.#named };
  }

  #within(key: string, inner: string, value: string): string | Uint8Array {
    const outer = this.#facts.members.find((one) => one.key === key);
    if (outer?.kind !== 'object') return `{${JSON.stringify(inner)}:${value}}`;
    const bytes = this.#body.subarray(outer.start, outer.end);
    const scanned = scanTopLevel(bytes);
    assert(scanned.ok, 'the members of an object that is edited were read before');
    const member = scanned.value.find((one) => one.key === inner);
    const edit: Edit =
      member === undefined ? { kind: 'insert', key: inner, value } : { kind: 'replace', member, value };
    return splice(bytes, scanned.value, [edit]);
  }

  /** Where the new name is taken already, that one says it: the old one goes. What is null says nothing, under neither name. */
  #rename(member: RequestFacts['members'][number], key: string): void {
    const other = this.#facts.members.find((one) => one.key === key);
    const isSaid = other !== undefined && other.kind !== 'null';
    if (isSaid || member.kind === 'null') this.#edits.push({ kind: 'remove', member });
    else {
      if (other !== undefined) this.#edits.push({ kind: 'remove', member: other });
      this.#edits.push({ kind: 'rename', member, key });
    }
    this.#named.push(`${member.key}->${key}`);
  }
}
