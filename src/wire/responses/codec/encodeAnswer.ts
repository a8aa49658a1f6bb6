import type { Answer, AnswerContent } from '../../../vocabulary/index.ts';
import type { AnswerFrame } from '../../codec/Codec.ts';
import type { JsonObject } from '../../json/JsonObject.ts';
import { utf8Bytes } from '../../utf8.ts';
import { encodeUsage } from './encodeUsage.ts';
import { finishMembers } from './finishReasons.ts';
import { callItem, clientCall, messageItem, reasoningItem, wordsPart } from './outputItems.ts';
import { responseHead } from './responseHead.ts';
import { itemId } from './sealOf.ts';

/** Writes a whole answer as a response. */
export const encodeAnswer = (answer: Answer, frame: AnswerFrame): Uint8Array =>
  utf8Bytes(
    JSON.stringify({
      ...responseHead(answer, frame),
      ...finishMembers(answer.finish),
      output: outputOf(answer.content, frame),
      usage: answer.usage === null ? null : encodeUsage(answer.usage),
    }),
  );

/** Words in a row are parts of one message, which is called after the first of them. */
const outputOf = (content: readonly AnswerContent[], frame: AnswerFrame): readonly JsonObject[] => {
  const items: JsonObject[] = [];
  let words: JsonObject[] | null = null;
  for (const [number, part] of content.entries()) {
    if (part.type === 'text' || part.type === 'refusal') {
      if (part.text === '') continue;
      if (words === null) {
        words = [];
        items.push(messageItem(itemId('msg', frame.requestId, number), 'completed', words));
      }
      words.push(wordsPart(part.type, part.text));
      continue;
    }
    const written = itemOf(part, number, frame);
    if (written.length > 0) words = null;
    items.push(...written);
  }
  return items;
};

const itemOf = (
  part: Exclude<AnswerContent, { readonly type: 'text' | 'refusal' }>,
  number: number,
  frame: AnswerFrame,
): readonly JsonObject[] => {
  if (part.type === 'tool-call') {
    return [callItem(clientCall(part.id, part.name, number, frame), 'completed', part.arguments)];
  }
  const text = part.type === 'thinking' ? part.text : '';
  if (!frame.showThinking || (text === '' && part.seal === null)) return [];
  return [reasoningItem(itemId('rs', frame.requestId, number), text, part.seal)];
};
