import type { Seal } from '../../../vocabulary/index.ts';
import { textIn, type JsonObject } from '../../json/JsonObject.ts';

/** The name under which seals and stored files of this wire are kept. */
export const ownWire = 'responses';

/** Whether a seal or a stored file comes from this wire: only then does it mean anything here. */
export const isOwn = (holder: { readonly wire: string }): boolean => holder.wire === ownWire;

/** Stands in every id and cipher of ours that clients keep and bring back. */
const foreignMark = 'archipel';

const cipherMark = `${foreignMark}:`;

/** Reasoning of other vendors has one of these; people write of islands, too, but not so. Begun with a quote, they would be looked for at each of them. */
export const foreignTexts: readonly string[] = [`rs_${foreignMark}_`, cipherMark];

const foreignCipher = /^archipel:([a-z-]+):/;
const foreignId = /^rs_archipel_/;

/** The id of an item of ours, always the same of the same answer: letters, digits, "_" and "-", as vendors want them back. Reasoning is known by it. */
export const itemId = (prefix: 'msg' | 'rs' | 'fc' | 'ctc', requestId: string, number: number): string =>
  `${prefix}_${foreignMark}_${requestId}_${number}`;

/**
 * What the client keeps of a seal as `encrypted_content`, and brings back: the cipher itself, or whose seal it is and its value, since clients of this wire
 * have one place only for what they do not understand.
 */
export const cipherOf = ({ wire, value }: Seal): string => (wire === ownWire ? value : `${cipherMark}${wire}:${value}`);

/** The seal in an item of reasoning that a client brings back, or that a vendor has made. */
export const sealOf = (item: JsonObject): Seal | null => {
  const cipher = textIn(item, 'encrypted_content');
  if (cipher === null) return null;
  const wire = foreignCipher.exec(cipher)?.[1];
  if (wire !== undefined) return { wire, value: cipher.slice(cipherMark.length + wire.length + 1) };
  const id = textIn(item, 'id');
  return { wire: ownWire, value: cipher, ...(id === null ? {} : { id }) };
};

/** Whether an item of reasoning was written here, of what a vendor of another wire has thought. */
export const isForeignReasoning = (item: JsonObject): boolean =>
  foreignId.test(textIn(item, 'id') ?? '') || foreignCipher.test(textIn(item, 'encrypted_content') ?? '');
