// Answers in the shapes of the recorded bodies: the same members, in the same order, cut into the same chunks.
import { blockTokens } from '../answer/composeAnswer.ts';
import type { Block, Composition } from '../answer/composeAnswer.ts';
import { drawFrom, drawLetters } from '../Draw.ts';
import type { StreamEvent } from '../vendor/VendorWire.ts';

/** Everything an answer is written from. */
export interface ChatAnswer {
  /** Names the answer: equal requests get equal ids. */
  readonly digest: string;
  readonly createdAtS: number;
  readonly model: string;
  readonly inputTokens: number;
  /** One per choice. */
  readonly compositions: readonly Composition[];
}

const finishReason = ({ finish }: Composition): string => {
  switch (finish) {
    case 'tool':
      return 'tool_calls';
    case 'length':
      return 'length';
    case 'end':
    case 'stop':
      return 'stop';
  }
};

export const completionTokens = (compositions: readonly Composition[]): number =>
  compositions.flatMap(({ blocks }) => blocks).reduce((sum, block) => sum + blockTokens(block), 0);

const usageOf = ({ inputTokens, compositions }: ChatAnswer): object => {
  const completion = completionTokens(compositions);
  return {
    prompt_tokens: inputTokens,
    completion_tokens: completion,
    total_tokens: inputTokens + completion,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: 0,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
};

const idOf = ({ digest }: ChatAnswer): string => `chatcmpl-${drawLetters(drawFrom('answer', digest), 29)}`;
const callId = ({ digest }: ChatAnswer, choice: number): string =>
  `call_${drawLetters(drawFrom('call', digest, choice), 24)}`;
const fingerprint = 'fp_5a11d0c4be';

const messageOf = (answer: ChatAnswer, composition: Composition, choice: number): object => {
  const text = composition.blocks.find((block) => block.kind === 'text');
  const tool = composition.blocks.find((block) => block.kind === 'tool');
  return {
    role: 'assistant',
    content: tool === undefined ? (text?.tokens.join('') ?? '') : null,
    ...(tool === undefined
      ? {}
      : {
          tool_calls: [
            {
              id: callId(answer, choice),
              type: 'function',
              function: { name: tool.tool, arguments: tool.tokens.join('') },
            },
          ],
        }),
    refusal: null,
    annotations: [],
  };
};

/** A `chat.completion`. */
export const writeChatBody = (answer: ChatAnswer): string =>
  JSON.stringify({
    id: idOf(answer),
    object: 'chat.completion',
    created: answer.createdAtS,
    model: answer.model,
    choices: answer.compositions.map((composition, index) => ({
      index,
      message: messageOf(answer, composition, index),
      logprobs: null,
      finish_reason: finishReason(composition),
    })),
    usage: usageOf(answer),
    service_tier: 'default',
    system_fingerprint: fingerprint,
  });

type Delta = Readonly<Record<string, unknown>>;

/** Chunks of one choice's content: the role first, then one token each. */
const contentDeltas = (
  answer: ChatAnswer,
  composition: Composition,
  choice: number,
): readonly { readonly delta: Delta; readonly kind: 'frame' | 'content'; readonly tokens: number }[] => {
  const block: Block | undefined = composition.blocks[0];
  if (block?.kind !== 'tool') {
    return [
      { delta: { role: 'assistant', content: '', refusal: null }, kind: 'frame', tokens: 0 },
      ...(block?.tokens ?? []).map((token) => ({ delta: { content: token }, kind: 'content' as const, tokens: 1 })),
    ];
  }
  const opening = {
    index: 0,
    id: callId(answer, choice),
    type: 'function',
    function: { name: block.tool, arguments: '' },
  };
  return [
    {
      delta: { role: 'assistant', content: null, tool_calls: [opening], refusal: null },
      kind: 'content',
      tokens: block.nameTokens,
    },
    ...block.tokens.map((token) => ({
      delta: { tool_calls: [{ index: 0, function: { arguments: token } }] },
      kind: 'content' as const,
      tokens: 1,
    })),
  ];
};

/** Choices are generated side by side: each gives its next chunk in turn. */
const interleave = (choices: readonly (readonly StreamEvent[])[]): readonly StreamEvent[] =>
  Array.from({ length: Math.max(...choices.map((events) => events.length)) }, (_, at) =>
    choices.flatMap((events) => events[at] ?? []),
  ).flat();

/** The chunks of a streamed answer, up to and with `[DONE]`. */
export const writeChatEvents = (answer: ChatAnswer, includeUsage: boolean): readonly StreamEvent[] => {
  const head = {
    id: idOf(answer),
    object: 'chat.completion.chunk',
    created: answer.createdAtS,
    model: answer.model,
    service_tier: 'default',
    system_fingerprint: fingerprint,
  };
  const noUsage = includeUsage ? { usage: null } : {};
  const chunk = (index: number, delta: Delta, finish: string | null): string =>
    `data: ${JSON.stringify({ ...head, choices: [{ index, delta, logprobs: null, finish_reason: finish }], ...noUsage })}\n\n`;
  const closing = (bytes: string): StreamEvent => ({ bytes, kind: 'closing', tokens: {} });
  const choices = answer.compositions.map((composition, index) =>
    contentDeltas(answer, composition, index).map(({ delta, kind, tokens }): StreamEvent => ({
      bytes: chunk(index, delta, null),
      kind,
      tokens: { output: tokens },
    })),
  );
  return [
    ...interleave(choices),
    ...answer.compositions.map((composition, index) => closing(chunk(index, {}, finishReason(composition)))),
    ...(includeUsage ? [closing(`data: ${JSON.stringify({ ...head, choices: [], usage: usageOf(answer) })}\n\n`)] : []),
    closing('data: [DONE]\n\n'),
  ];
};
