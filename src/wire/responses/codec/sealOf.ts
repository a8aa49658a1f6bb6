import type { Seal } from '../../../vocabulary/index.ts';
import { handedBeginning, isHandedSeal, readHandedSeal } from '../../codec/handedSeal.ts';
import { textIn, type JsonObject } from '../../json/JsonObject.ts';

/** The name under which seals and stored files of this wire are kept. */
export const ownWire = 'responses';

/** Whether a seal or a stored file comes from this wire: only then does it mean anything here. */
export const isOwn = (holder: { readonly wire: string }): boolean => holder.wire === ownWire;

/** Stands in every id of ours that clients keep and bring back. */
const foreignMark = 'archipel';

/** Reasoning of other vendors has one of these; people write of islands, too, but not so. Begun with a quote, they would be looked for at each of them. */
export const foreignTexts: readonly string[] = [`rs_${foreignMark}_`, handedBeginning];

const foreignId = /^rs_archipel_/;

/** The id of an item of ours, always the same of the same answer: letters, digits, "_" and "-", as vendors want them back. Reasoning is known by it. */
export const itemId = (prefix: 'msg' | 'rs' | 'fc' | 'ctc', requestId: string, number: number): string =>
  `${prefix}_${foreignMark}_${requestId}_${number}`;

/** The seal in an item of reasoning that a client brings back, or that a vendor has made; null where there is none, or one of ours that is damaged. */
export const sealOf = (item: JsonObject): Seal | null => {
  const cipher = textIn(item, 'encrypted_content');
  if (cipher === null) return null;
  if (isHandedSeal(cipher)) return readHandedSeal(cipher);
  const id = textIn(item, 'id');
  return { wire: ownWire, value: cipher, ...(id === null ? {} : { id }) };
};

/** Whether an item of reasoning was written here, of what a vendor of another wire has thought. */
export const isForeignReasoning = (item: JsonObject): boolean =>
  foreignId.test(textIn(item, 'id') ?? '') || isHandedSeal(textIn(item, 'encrypted_content') ?? '');
