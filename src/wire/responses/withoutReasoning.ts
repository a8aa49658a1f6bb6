import { isJsonObject, parseJson, type JsonObject } from '../json/JsonObject.ts';
import { utf8Text } from '../utf8.ts';
import type { ThinkingLeftOut } from '../request/thinkingLeftOut.ts';
import type { RequestFacts } from '../wire.ts';
import { foreignTexts, isForeignReasoning } from './codec/sealOf.ts';

/**
 * JSON text of `input` without the reasoning of earlier answers: all of it, or what vendors of other wires have thought, which the vendors of this one would
 * look for in vain. Null where there is none.
 */
export const withoutReasoning = (
  body: Uint8Array,
  { members }: RequestFacts,
  which: ThinkingLeftOut,
): string | null => {
  const member = members.find(({ key }) => key === 'input');
  if (member?.kind !== 'array' || which === 'none') return null;
  const bytes = Buffer.from(body.buffer, body.byteOffset + member.start, member.end - member.start);
  // What has no such text anywhere needs no look at its items.
  if (which === 'foreign' && !foreignTexts.some((text) => bytes.includes(text))) return null;
  const items = parseJson(utf8Text(bytes));
  if (!Array.isArray(items)) return null;
  const kept = items.filter((item) => !isJsonObject(item) || !isLeftOut(item, which));
  if (kept.length === items.length) return null;
  return JSON.stringify(which === 'all' ? kept.map(withoutId) : kept);
};

/** An item by the id that its vendor gave it wants the reasoning beside it that it came with: without that it stands for itself. */
const withoutId = (item: unknown): unknown => {
  if (!isJsonObject(item) || !('id' in item) || item['type'] === 'reasoning' || item['type'] === 'item_reference')
    return item;
  const { id: _id, ...rest } = item;
  return rest;
};

const isLeftOut = (item: JsonObject, which: ThinkingLeftOut): boolean =>
  item['type'] === 'reasoning' && (which === 'all' || isForeignReasoning(item));
