import { assert } from '../../kernel/index.ts';
import { utf8Bytes } from '../utf8.ts';
import type { Member } from './scanTopLevel.ts';

/** One change to the top-level members of a body. Values are JSON text. */
export type Edit =
  | { readonly kind: 'replace'; readonly member: Member; readonly value: string | Uint8Array }
  | { readonly kind: 'insert'; readonly key: string; readonly value: string | Uint8Array }
  | { readonly kind: 'remove'; readonly member: Member }
  | { readonly kind: 'rename'; readonly member: Member; readonly key: string };

/** Bytes `start` to `end` give way to `bytes`. */
interface Patch {
  readonly start: number;
  readonly end: number;
  readonly bytes: Uint8Array;
}

const nothing = new Uint8Array(0);

/**
 * Applies edits to a body and leaves every other byte as it was. A removed member takes its comma with it; an inserted one stands
 * first. A member may be replaced and renamed, but not also removed.
 * @param members All members of the body, as `scanTopLevel` gave them.
 */
export const splice = (body: Uint8Array, members: readonly Member[], edits: readonly Edit[]): Uint8Array => {
  if (edits.length === 0) return body;
  assertKeysStayUnique(members, edits);
  return patch(body, patchesOf(body, members, edits));
};

const patchesOf = (body: Uint8Array, members: readonly Member[], edits: readonly Edit[]): Patch[] => {
  const removed = new Set<Member>();
  const patches: Patch[] = [];
  for (const edit of edits) {
    switch (edit.kind) {
      case 'replace':
        patches.push({ start: edit.member.start, end: edit.member.end, bytes: bytesOf(edit.value) });
        break;
      case 'rename':
        patches.push({
          start: edit.member.keyStart,
          end: edit.member.keyEnd,
          bytes: bytesOf(JSON.stringify(edit.key)),
        });
        break;
      case 'remove':
        removed.add(edit.member);
        break;
      case 'insert':
        break;
    }
  }
  if (removed.size > 0)
    for (const [start, end] of cutsOf(members, removed)) patches.push({ start, end, bytes: nothing });
  const inserted = insertion(edits, members.length > removed.size);
  if (inserted.length > 0) {
    const at = body.indexOf(0x7b) + 1;
    patches.push({ start: at, end: at, bytes: inserted });
  }
  return patches.sort((one, other) => one.start - other.start || one.end - other.end);
};

/** A removed member goes up to the next key; where only removed ones follow, it goes back to the end of the one before. */
const cutsOf = (members: readonly Member[], removed: ReadonlySet<Member>): [number, number][] => {
  const lastKept = members.findLastIndex((member) => !removed.has(member));
  const cuts: [number, number][] = [];
  for (const [index, member] of members.entries()) {
    if (!removed.has(member)) continue;
    const next = members[index + 1];
    const previous = members[index - 1];
    if (index < lastKept && next !== undefined) cuts.push([member.keyStart, next.keyStart]);
    else cuts.push([previous === undefined ? member.keyStart : previous.end, member.end]);
  }
  return cuts;
};

const insertion = (edits: readonly Edit[], othersFollow: boolean): Uint8Array => {
  const inserted = edits.filter((edit) => edit.kind === 'insert');
  if (inserted.length === 0) return nothing;
  const parts: Uint8Array[] = [];
  for (const [index, edit] of inserted.entries()) {
    const comma = othersFollow || index < inserted.length - 1 ? ',' : '';
    parts.push(bytesOf(`${JSON.stringify(edit.key)}:`), bytesOf(edit.value), bytesOf(comma));
  }
  return Buffer.concat(parts);
};

const patch = (body: Uint8Array, patches: readonly Patch[]): Uint8Array => {
  const parts: Uint8Array[] = [];
  let copied = 0;
  for (const { start, end, bytes } of patches) {
    assert(start >= copied && end >= start, 'edits overlap');
    parts.push(body.subarray(copied, start), bytes);
    copied = end;
  }
  parts.push(body.subarray(copied));
  return Buffer.concat(parts);
};

const bytesOf = (value: string | Uint8Array): Uint8Array => (typeof value === 'string' ? utf8Bytes(value) : value);

const bringsKey = ({ kind }: Edit): boolean => kind === 'insert' || kind === 'rename';

/** Two members of one name mean different things to different readers: no edit may make them. */
const assertKeysStayUnique = (members: readonly Member[], edits: readonly Edit[]): void => {
  if (!edits.some(bringsKey)) return;
  const keys = new Set(members.map((member) => member.key));
  for (const edit of edits) if (edit.kind === 'remove') keys.delete(edit.member.key);
  for (const edit of edits) if (edit.kind === 'rename') keys.delete(edit.member.key);
  for (const edit of edits) {
    if (edit.kind !== 'insert' && edit.kind !== 'rename') continue;
    assert(!keys.has(edit.key), `the key ${edit.key} would stand twice`);
    keys.add(edit.key);
  }
};
