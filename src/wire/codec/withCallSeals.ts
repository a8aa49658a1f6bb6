import type { AnswerContent, Message } from '../../vocabulary/index.ts';

/** The wire whose models sign calls. */
export const callSigningWire = 'gemini';

/** A conversation in which signatures of calls stand on the calls, where the vendor looks for them. */
export const withCallSeals = (messages: readonly Message[]): readonly Message[] =>
  messages.map((message) =>
    message.role === 'assistant' ? { role: message.role, content: contentWithCallSeals(message.content) } : message,
  );

/**
 * Puts a signature that stands alone before a call on the call: so clients bring it back whose wire has no place for it there (Messages, Responses, OpenRouter's
 * `reasoning.encrypted`).
 */
const contentWithCallSeals = (content: readonly AnswerContent[]): readonly AnswerContent[] =>
  content.flatMap((part, at): readonly AnswerContent[] => {
    if (isLoneSeal(part) && isUnsealedCall(content[at + 1])) return [];
    const before = content[at - 1];
    return isUnsealedCall(part) && before?.type === 'redacted-thinking' && isLoneSeal(before)
      ? [{ ...part, seal: before.seal }]
      : [part];
  });

const isLoneSeal = (part: AnswerContent): boolean =>
  part.type === 'redacted-thinking' && part.seal.wire === callSigningWire;

const isUnsealedCall = (part: AnswerContent | undefined): part is Extract<AnswerContent, { type: 'tool-call' }> =>
  part?.type === 'tool-call' && part.seal === undefined;
