import type { AnswerContent, Message } from '../../../vocabulary/index.ts';
import { isOwn } from './sealOf.ts';

/** A conversation in which signatures stand where the vendor looks for them. */
export const withCallSeals = (messages: readonly Message[]): readonly Message[] =>
  messages.map((message) =>
    message.role === 'assistant' ? { role: message.role, content: contentWithCallSeals(message.content) } : message,
  );

/**
 * Puts a signature that stands alone before a call on the call: so clients bring it back whose wire has no place for it there (OpenRouter's
 * `reasoning.encrypted`), and the vendor looks for it on the call.
 */
const contentWithCallSeals = (content: readonly AnswerContent[]): readonly AnswerContent[] =>
  content.flatMap((part, at): readonly AnswerContent[] => {
    if (isLoneSeal(part) && isUnsealedCall(content[at + 1])) return [];
    const before = content[at - 1];
    return isUnsealedCall(part) && before?.type === 'redacted-thinking' && isLoneSeal(before)
      ? [{ ...part, seal: before.seal }]
      : [part];
  });

const isLoneSeal = (part: AnswerContent): boolean => part.type === 'redacted-thinking' && isOwn(part.seal);

const isUnsealedCall = (part: AnswerContent | undefined): part is Extract<AnswerContent, { type: 'tool-call' }> =>
  part?.type === 'tool-call' && part.seal === undefined;
