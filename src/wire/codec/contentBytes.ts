import type { AnswerContent } from '../../vocabulary/index.ts';
import { utf8Length } from '../utf8.ts';

/** UTF-8 bytes of output in an answer: its words, its thinking, the arguments of its calls. */
export const contentBytes = (content: readonly AnswerContent[]): number => {
  let bytes = 0;
  for (const part of content) {
    if (part.type === 'tool-call') bytes += utf8Length(part.arguments);
    else if (part.type !== 'redacted-thinking') bytes += utf8Length(part.text);
  }
  return bytes;
};
