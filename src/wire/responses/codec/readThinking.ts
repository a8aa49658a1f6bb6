import type { AnswerContent } from '../../../vocabulary/index.ts';
import type { ObjectReader } from '../../codec/ObjectReader.ts';
import { isJsonObject, listIn, textIn, type JsonObject } from '../../json/JsonObject.ts';
import { sealOf } from './sealOf.ts';

/** Summaries are paragraphs of one thought. */
export const betweenSummaries = '\n\n';

/** The thinking in an item of reasoning: its summaries, or the thinking itself where a model shows it (`content`); only a cipher where it has neither. */
export const thinkingIn = (item: JsonObject): readonly AnswerContent[] => {
  const text = textsIn(item, 'summary').join(betweenSummaries) || textsIn(item, 'content').join('');
  const seal = sealOf(item);
  if (text !== '') return [{ type: 'thinking', text, seal }];
  return seal === null ? [] : [{ type: 'redacted-thinking', seal }];
};

const textsIn = (item: JsonObject, list: string): readonly string[] =>
  listIn(item, list).flatMap((part) => (isJsonObject(part) ? [textIn(part, 'text') ?? ''] : []));

/** The same of what a client brings back. An item without words and cipher names what the vendor has kept: to others it says nothing. */
export const decodeThinking = (item: ObjectReader): readonly AnswerContent[] => {
  const thinking = thinkingIn(item.object);
  if (thinking.length === 0) item.notes.hint('input.reasoning');
  return thinking;
};
