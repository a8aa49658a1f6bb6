import type { CacheMark } from '../../../vocabulary/index.ts';
import type { WritingNotes } from '../../codec/WritingNotes.ts';
import { isJsonObject, listIn, objectIn, type JsonObject } from '../../json/JsonObject.ts';
import { modelTraits } from '../modelTraits.ts';

/** A block of its own after what is to be cached; nothing where there is no mark, or the model keeps nothing there. @param where In the tools, or in what is said. */
export const cachePoint = (
  mark: CacheMark | undefined,
  where: 'tools' | 'prompt',
  notes: WritingNotes,
): readonly JsonObject[] => {
  if (mark === undefined) return [];
  const { caches } = modelTraits(notes.target.model);
  if (notes.lacks('cachePoint') || caches === 'nothing' || (caches === 'prompt' && where === 'tools')) {
    notes.drop('cache_control');
    return [];
  }
  // Five minutes are the vendor's own, and older models know no other.
  return [{ cachePoint: { type: 'default', ...(mark.lifetime === '1h' ? { ttl: '1h' } : {}) } }];
};

/** Most points of a request. */
const cachePointsMax = 4;

const isPoint = (block: unknown): boolean => isJsonObject(block) && 'cachePoint' in block;

/** Takes points away beyond what the vendor allows. The last ones stay: they cover the longest beginnings of the prompt. */
export const withFewPoints = (body: JsonObject, notes: WritingNotes): JsonObject => {
  const toolConfig = objectIn(body, 'toolConfig');
  const messages = listIn(body, 'messages').filter(isJsonObject);
  const lists = [listIn(toolConfig, 'tools'), listIn(body, 'system'), ...messages.map((one) => listIn(one, 'content'))];
  let surplus = lists.flat().filter(isPoint).length - cachePointsMax;
  if (surplus <= 0) return body;
  notes.drop('cache_control');
  const thin = (list: readonly unknown[]): readonly unknown[] =>
    list.filter((block) => !isPoint(block) || (surplus -= 1) < 0);
  // In the order in which the vendor reads them.
  return {
    ...body,
    ...(toolConfig === null ? {} : { toolConfig: { ...toolConfig, tools: thin(listIn(toolConfig, 'tools')) } }),
    ...('system' in body ? { system: thin(listIn(body, 'system')) } : {}),
    messages: messages.map((message) => ({ ...message, content: thin(listIn(message, 'content')) })),
  };
};
