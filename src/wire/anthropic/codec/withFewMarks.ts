import type { WritingNotes } from '../../codec/WritingNotes.ts';
import { isJsonObject, type JsonObject } from '../../json/JsonObject.ts';

/** Most places of a request that may be marked for the cache ("A maximum of 4 blocks with cache_control may be provided"). */
const cacheMarksMax = 4;

/** The members with marks, in the order in which the vendor reads them. */
const markedMembers = ['tools', 'system', 'messages'];

/** Takes away marks beyond what the vendor allows. The last ones stay: they cover the longest beginnings of the prompt. */
export const withFewMarks = (body: JsonObject, notes: WritingNotes): JsonObject => {
  const count = markedMembers.reduce((sum, name) => sum + marksIn(body[name]), 0);
  if (count <= cacheMarksMax) return body;
  notes.drop('cache_control');
  let surplus = count - cacheMarksMax;
  const thinned = markedMembers.filter((name) => name in body).map((name) => [name, thin(body[name])] as const);
  return { ...body, ...Object.fromEntries(thinned) };

  function thin(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(thin);
    if (!isJsonObject(value)) return value;
    const { cache_control: mark, ...rest } = value;
    const inner = 'content' in rest ? { ...rest, content: thin(rest['content']) } : rest;
    if (mark === undefined) return inner;
    surplus -= 1;
    return surplus >= 0 ? inner : { ...inner, cache_control: mark };
  }
};

/** Marks on blocks and on what they hold. */
const marksIn = (value: unknown): number => {
  if (Array.isArray(value)) return value.reduce((sum: number, one: unknown) => sum + marksIn(one), 0);
  if (!isJsonObject(value)) return 0;
  return (value['cache_control'] === undefined ? 0 : 1) + marksIn(value['content']);
};
