import type { AnswerContent, ContinuingBy, GenerateRequest, Message } from '../../vocabulary/index.ts';

/** An answer that broke off, as it is put to somebody who may go on with it. Plain data. */
export interface Continuing {
  /** What of it the client has; not blank. */
  readonly text: string;
  /** Ways that are allowed, the best first. */
  readonly ways: readonly ContinuingBy[];
  /** Most tokens of the rest; null where the client set no bound. */
  readonly outputTokensMax: number | null;
}

/** For models that take no answer that has begun. It is English whatever the answer is written in: what comes of it is judged. */
const instruction =
  'Your last answer was cut off by a failure of the connection. Write what comes next in it, beginning with the very next character after its last one: in the same language and form, without repeating any of it, and without a word about this message.';

/** Whether what a request asks for is words that somebody else could go on with: no form of the answer, and no tool that must be called. */
export const asksForWords = ({ outputFormat, toolChoice }: GenerateRequest): boolean =>
  outputFormat.type === 'text' && toolChoice?.type !== 'required' && toolChoice?.type !== 'named';

/** The request for the rest of an answer. Blanks at the end are not given: vendors refuse them there, and models write them anew. */
export const continuedRequest = (
  request: GenerateRequest,
  { text, outputTokensMax }: Continuing,
  by: ContinuingBy,
): GenerateRequest => {
  const begun = withWords(request.messages, text.trimEnd());
  const asking: Message = { role: 'user', content: [{ type: 'text', text: instruction }] };
  const messages = by === 'prefill' ? begun : [...begun, asking];
  return { ...request, stream: true, outputTokensMax, messages };
};

/** The client itself may have begun the answer: what it began and what was said are one text. */
const withWords = (messages: readonly Message[], text: string): readonly Message[] => {
  const last = messages.at(-1);
  const words: AnswerContent = { type: 'text', text };
  if (last?.role !== 'assistant') return [...messages, { role: 'assistant', content: [words] }];
  const end = last.content.at(-1);
  const content: readonly AnswerContent[] =
    end?.type === 'text'
      ? [...last.content.slice(0, -1), { type: 'text', text: end.text + text }]
      : [...last.content, words];
  return [...messages.slice(0, -1), { role: 'assistant', content }];
};
