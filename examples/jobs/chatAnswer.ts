// What the model says to a request, and the bodies and events that carry it.
import { continueText, type Knowledge, seedOf } from './characterModel.ts';
import type { ChatRequest } from './chatRequest.ts';

export interface ChatAnswer {
  /** Its text, character by character. */
  readonly characters: readonly string[];
  /** `stop`: it came to its end; `length`: to the most that was asked for. */
  readonly finish: 'stop' | 'length';
  readonly promptTokens: number;
}

/** The same request has the same answer. A paragraph's end, or a text of `stop`, is the end of an answer. */
export const answerTo = (model: Knowledge, request: ChatRequest): ChatAnswer => {
  const { prompt, tokensMax, temperature, stop } = request;
  const ended = (text: string, finish: ChatAnswer['finish']): ChatAnswer => ({
    characters: Array.from(text),
    finish,
    promptTokens: Array.from(prompt).length,
  });
  let text = '';
  for (const character of continueText(model, `${prompt} `, request.seed ?? seedOf(prompt), temperature)) {
    if (character === '\n' && text !== '') return ended(text, 'stop');
    text += character === '\n' ? ' ' : character;
    const ending = stop.find((words) => text.endsWith(words));
    if (ending !== undefined) return ended(text.slice(0, -ending.length), 'stop');
    if (text.length >= tokensMax) break;
  }
  return ended(text, 'length');
};

/** What is said of an answer in its body, and in each event of its stream. */
export interface AnswerHead {
  readonly id: string;
  /** Unix seconds. */
  readonly created: number;
  readonly model: string;
}

const usageOf = ({ characters, promptTokens }: ChatAnswer): object => ({
  prompt_tokens: promptTokens,
  completion_tokens: characters.length,
  total_tokens: promptTokens + characters.length,
});

/** The answer in one piece. */
export const answerBody = (head: AnswerHead, answer: ChatAnswer): object => ({
  ...head,
  object: 'chat.completion',
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: answer.characters.join(''), refusal: null },
      logprobs: null,
      finish_reason: answer.finish,
    },
  ],
  usage: usageOf(answer),
});

/** The answer as a stream: each yield is the data of one event. */
export function* answerEvents(head: AnswerHead, answer: ChatAnswer, includeUsage: boolean): Generator<string> {
  const event = (choices: readonly object[], usage: object | null): string =>
    JSON.stringify({ ...head, object: 'chat.completion.chunk', choices, ...(includeUsage ? { usage } : {}) });
  const choice = (delta: object, finish: string | null): object => ({
    index: 0,
    delta,
    logprobs: null,
    finish_reason: finish,
  });
  yield event([choice({ role: 'assistant', content: '' }, null)], null);
  for (const content of answer.characters) yield event([choice({ content }, null)], null);
  yield event([choice({}, answer.finish)], null);
  if (includeUsage) yield event([], usageOf(answer));
  yield '[DONE]';
}
