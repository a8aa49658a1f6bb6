import type { AnswerContent, Message, TextPart, UserPart } from '../../vocabulary/index.ts';

/** Where it is told what was said otherwise. */
interface Notes {
  drop(name: string): void;
}

/** A conversation whose calls and results are told as text, for targets that must not call anything or cannot. */
export const callsInWords = (messages: readonly Message[], notes: Notes): readonly Message[] =>
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

const callInWords = (part: AnswerContent, notes: Notes): AnswerContent => {
  if (part.type !== 'tool-call') return part;
  notes.drop('tool_calls');
  const text = `[Called the tool ${part.name} with ${part.arguments}]`;
  return { type: 'text', text, ...(part.cache === undefined ? {} : { cache: part.cache }) };
};

const resultInWords = (part: UserPart, notes: Notes): readonly UserPart[] => {
  if (part.type !== 'tool-result') return [part];
  notes.drop('tool_results');
  const failed = part.isError ? ' (an error)' : '';
  const head: TextPart = { type: 'text', text: `Result of the tool call ${part.callId}${failed}:` };
  return [head, ...part.content];
};
