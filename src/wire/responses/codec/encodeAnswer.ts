import type { Answer, AnswerContent } from '../../../vocabulary/index.ts';
import type { AnswerFrame } from '../../codec/Codec.ts';
import { utf8Bytes } from '../../utf8.ts';
import { encodeUsage } from './encodeUsage.ts';
import { finishMembers } from './finishReasons.ts';
import {
  callItem,
  clientCall,
  emptyText,
  givenTo,
  messageItem,
  reasoningItem,
  toolsByName,
  wordsPart,
} from './outputItems.ts';
import type { ToolsByName } from './outputItems.ts';
import { responseHead } from './responseHead.ts';
import { itemId } from './sealOf.ts';

/** Writes a whole answer as a response. */
export const encodeAnswer = (answer: Answer, frame: AnswerFrame): Uint8Array => {
  const head = JSON.stringify({ ...responseHead(answer, frame), ...finishMembers(answer.finish) }).slice(0, -1);
  const usage = JSON.stringify(answer.usage === null ? null : encodeUsage(answer.usage));
  return utf8Bytes(`${head},"output":[${outputOf(answer.content, frame).join(',')}],"usage":${usage}}`);
};

/** Words in a row are parts of one message, which is called after the first of them. */
const outputOf = (content: readonly AnswerContent[], frame: AnswerFrame): readonly string[] => {
  const items: string[] = [];
  const tools = toolsByName(frame);
  let id = '';
  let words: string[] = [];
  const endMessage = (): void => {
    if (words.length > 0) items.push(messageItem(id, 'completed', words));
    words = [];
  };
  for (const [number, part] of content.entries()) {
    if (part.type === 'text' || part.type === 'refusal') {
      if (part.text === '') continue;
      if (words.length === 0) id = itemId('msg', frame.requestId, number);
      words.push(wordsPart(part.type, JSON.stringify(part.text)));
      continue;
    }
    const written = itemsOf(part, number, frame, tools);
    if (written.length > 0) endMessage();
    items.push(...written);
  }
  endMessage();
  return items;
};

const itemsOf = (
  part: Exclude<AnswerContent, { readonly type: 'text' | 'refusal' }>,
  number: number,
  frame: AnswerFrame,
  tools: ToolsByName,
): readonly string[] => {
  const id = itemId('rs', frame.requestId, number);
  if (part.type === 'tool-call') {
    const called = clientCall(part.id, part.name, number, frame, tools);
    const call = callItem(called, 'completed', givenTo(called, part.arguments));
    // Its vendor refuses the call without its signature, and clients of this wire give back reasoning, but nothing that they do not know on a call.
    return part.seal === undefined ? [call] : [reasoningItem(id, emptyText, part.seal, frame), call];
  }
  const text = part.type === 'thinking' ? part.text : '';
  if (!frame.showThinking || (text === '' && part.seal === null)) return [];
  return [reasoningItem(id, JSON.stringify(text), part.seal, frame)];
};
