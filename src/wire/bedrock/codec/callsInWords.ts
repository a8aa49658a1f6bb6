import type { AnswerContent, GenerateRequest, Message, TextPart, UserPart } from '../../../vocabulary/index.ts';
import type { WritingNotes } from '../../codec/WritingNotes.ts';

/** Whether the model may call tools: this API has no way to offer tools and to forbid them. */
export const mayCall = ({ tools, toolChoice }: GenerateRequest): boolean =>
  tools.length > 0 && toolChoice?.type !== 'none';

/**
 * A conversation whose calls and results are told as text. "The toolConfig field must be defined when using toolUse and toolResult content blocks", and a tool that is defined may be
 * called: where the caller offers none, or forbids them, nothing must be called.
 */
export const callsInWords = (messages: readonly Message[], notes: WritingNotes): readonly Message[] =>
  messages.map((message) => {
    switch (message.role) {
      case 'system':
        return message;
      case 'user':
        return { role: 'user', content: message.content.flatMap((part) => resultInWords(part, notes)) };
      case 'assistant':
        return { role: 'assistant', content: message.content.map((part) => callInWords(part, notes)) };
    }
  });

const callInWords = (part: AnswerContent, notes: WritingNotes): AnswerContent => {
  if (part.type !== 'tool-call') return part;
  notes.drop('tool_calls');
  const text = `[Called the tool ${part.name} with ${part.arguments}]`;
  return { type: 'text', text, ...(part.cache === undefined ? {} : { cache: part.cache }) };
};

const resultInWords = (part: UserPart, notes: WritingNotes): readonly UserPart[] => {
  if (part.type !== 'tool-result') return [part];
  notes.drop('tool_results');
  const failed = part.isError ? ' (an error)' : '';
  const head: TextPart = { type: 'text', text: `Result of the tool call ${part.callId}${failed}:` };
  return [head, ...part.content];
};
