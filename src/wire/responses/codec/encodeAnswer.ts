import type { Answer, AnswerContent } from '../../../vocabulary/index.ts';
import type { AnswerFrame } from '../../codec/Codec.ts';
import type { JsonObject } from '../../json/JsonObject.ts';
import { utf8Bytes } from '../../utf8.ts';
import { encodeUsage } from './encodeUsage.ts';
import { finishMembers } from './finishReasons.ts';
import { callItem, clientCall, messageItem, reasoningItem, toolsByName, wordsPart } from './outputItems.ts';
import type { ToolsByName } from './outputItems.ts';
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
  const tools = toolsByName(frame);
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
    const written = itemOf(part, number, frame, tools);
    if (written.length > 0) words = null;
    items.push(...written);
  }
  return items;
};

const itemOf = (
  part: Exclude<AnswerContent, { readonly type: 'text' | 'refusal' }>,
  number: number,
  frame: AnswerFrame,
  tools: ToolsByName,
): readonly JsonObject[] => {
  const id = itemId('rs', frame.requestId, number);
  if (part.type === 'tool-call') {
    const call = callItem(clientCall(part.id, part.name, number, frame, tools), 'completed', part.arguments);
    // Its vendor refuses the call without its signature, and clients of this wire give back reasoning, but nothing that they do not know on a call.
    return part.seal === undefined ? [call] : [reasoningItem(id, '', part.seal, frame), call];
  }
  const text = part.type === 'thinking' ? part.text : '';
  if (!frame.showThinking || (text === '' && part.seal === null)) return [];
  return [reasoningItem(id, text, part.seal, frame)];
};
