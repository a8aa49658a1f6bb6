// Answers in the shapes of the recorded bodies: the same members, the same order of events, even the blanks that pad them.
import { blockTokens } from '../answer/composeAnswer.ts';
import type { Block, Composition, Prompt } from '../answer/composeAnswer.ts';
import type { TokenCount } from '../bill/billTokens.ts';
import { drawFrom, drawLetters } from '../Draw.ts';
import type { Draw } from '../Draw.ts';
import { isJsonObject } from '../json.ts';
import type { StreamEvent } from '../vendor/VendorWire.ts';

/** Everything a message is written from. */
export interface MessageAnswer {
  /** Names the answer: equal requests get equal ids. */
  readonly digest: string;
  readonly model: string;
  readonly input: TokenCount;
  readonly composition: Composition;
  readonly thinking: Prompt['thinking'];
  /** Proves to this vendor that a thinking block is its own. */
  sign(thinking: string): string;
}

export const messageId = (digest: string): string => `msg_01${drawLetters(drawFrom('message', digest), 22)}`;
const toolUseId = (digest: string, index: number): string =>
  `toolu_01${drawLetters(drawFrom('tool use', digest, index), 22)}`;

const stopReason = ({ finish }: Composition): string => {
  switch (finish) {
    case 'tool':
      return 'tool_use';
    case 'length':
      return 'max_tokens';
    case 'stop':
      return 'stop_sequence';
    case 'end':
      return 'end_turn';
  }
};

/** Output tokens of a message: what is visible, and what was thought. */
export const outputTokens = ({ blocks }: Composition): { readonly output: number; readonly reasoning: number } => {
  const sum = (thinking: boolean): number =>
    blocks
      .filter((block) => (block.kind === 'thinking') === thinking)
      .reduce((total, block) => total + blockTokens(block), 0);
  return { output: sum(false), reasoning: sum(true) };
};

const inputUsage = (input: TokenCount): Readonly<Record<string, unknown>> => ({
  input_tokens: input.input ?? 0,
  cache_creation_input_tokens: (input.cacheWrite5m ?? 0) + (input.cacheWrite1h ?? 0),
  cache_read_input_tokens: input.cacheRead ?? 0,
});

const wholeUsage = (answer: MessageAnswer, output: number, reasoning: number | null): object => ({
  ...inputUsage(answer.input),
  cache_creation: {
    ephemeral_5m_input_tokens: answer.input.cacheWrite5m ?? 0,
    ephemeral_1h_input_tokens: answer.input.cacheWrite1h ?? 0,
  },
  output_tokens: output + (reasoning ?? 0),
  ...(reasoning === null || reasoning === 0 ? {} : { output_tokens_details: { thinking_tokens: reasoning } }),
  service_tier: 'standard',
  inference_geo: 'not_available',
});

const messageHead = (answer: MessageAnswer): Readonly<Record<string, unknown>> => ({
  model: answer.model,
  id: messageId(answer.digest),
  type: 'message',
  role: 'assistant',
});

const shownThinking = (answer: MessageAnswer, block: Block): string =>
  answer.thinking === 'hidden' ? '' : block.tokens.join('');

/** Arguments as an object; a call cut short by `max_tokens` has none that can be read. */
const argumentsOf = (block: Block): unknown => {
  try {
    const value: unknown = JSON.parse(block.tokens.join(''));
    return isJsonObject(value) ? value : {};
  } catch {
    return {};
  }
};

/** The content blocks of a whole message. */
export const contentOf = (answer: MessageAnswer): readonly object[] =>
  answer.composition.blocks.map((block, index) => {
    switch (block.kind) {
      case 'thinking': {
        const thinking = shownThinking(answer, block);
        return { type: 'thinking', thinking, signature: answer.sign(thinking) };
      }
      case 'text':
        return { type: 'text', text: block.tokens.join('') };
      case 'tool':
        return { type: 'tool_use', id: toolUseId(answer.digest, index), name: block.tool, input: argumentsOf(block) };
    }
  });

/** A `message`. */
export const writeMessageBody = (answer: MessageAnswer): string => {
  const { output, reasoning } = outputTokens(answer.composition);
  return JSON.stringify({
    ...messageHead(answer),
    content: contentOf(answer),
    stop_reason: stopReason(answer.composition),
    stop_sequence: answer.composition.stopSequence,
    usage: wholeUsage(answer, output, reasoning),
  });
};

/** Writes events with the blanks before the last brace that the vendor pads them with. */
class EventWriter {
  readonly #draw: Draw;
  readonly events: StreamEvent[] = [];

  constructor(draw: Draw) {
    this.#draw = draw;
  }

  add(
    kind: StreamEvent['kind'],
    data: { readonly type: string; readonly [member: string]: unknown },
    tokens: TokenCount = {},
  ): void {
    const json = JSON.stringify(data);
    const padded = `${json.slice(0, -1)}${' '.repeat(this.#draw.below(16))}}`;
    this.events.push({ bytes: `event: ${data.type}\ndata: ${padded}\n\n`, kind, tokens });
  }

  /** The first block's opening is followed by a ping, as recorded. */
  ping(): void {
    this.events.push({ bytes: 'event: ping\ndata: {"type": "ping"}\n\n', kind: 'frame', tokens: {} });
  }

  /** One to four tokens at a time. */
  portions(tokens: readonly string[]): readonly (readonly string[])[] {
    const portions: (readonly string[])[] = [];
    for (let at = 0; at < tokens.length;) {
      const size = 1 + this.#draw.below(4);
      portions.push(tokens.slice(at, at + size));
      at += size;
    }
    return portions;
  }
}

const openingOf = (answer: MessageAnswer, block: Block, index: number): object => {
  switch (block.kind) {
    case 'thinking':
      return { type: 'thinking', thinking: '', signature: '' };
    case 'text':
      return { type: 'text', text: '' };
    case 'tool':
      return { type: 'tool_use', id: toolUseId(answer.digest, index), name: block.tool, input: {} };
  }
};

const writeBlock = (answer: MessageAnswer, block: Block, index: number, writer: EventWriter): void => {
  const opening = { type: 'content_block_start', index, content_block: openingOf(answer, block, index) };
  const delta = (kind: StreamEvent['kind'], content: object, tokens: TokenCount): void =>
    writer.add(kind, { type: 'content_block_delta', index, delta: content }, tokens);
  writer.add(block.kind === 'tool' ? 'content' : 'frame', opening, { output: block.nameTokens });
  if (index === 0) writer.ping();
  switch (block.kind) {
    case 'thinking': {
      const hidden = answer.thinking === 'hidden';
      for (const portion of hidden ? [] : writer.portions(block.tokens)) {
        delta('content', { type: 'thinking_delta', thinking: portion.join('') }, { reasoning: portion.length });
      }
      const signature = answer.sign(shownThinking(answer, block));
      delta('frame', { type: 'signature_delta', signature }, hidden ? { reasoning: block.tokens.length } : {});
      break;
    }
    case 'text':
      for (const portion of writer.portions(block.tokens)) {
        delta('content', { type: 'text_delta', text: portion.join('') }, { output: portion.length });
      }
      break;
    case 'tool':
      delta('frame', { type: 'input_json_delta', partial_json: '' }, {});
      for (const portion of writer.portions(block.tokens)) {
        delta('content', { type: 'input_json_delta', partial_json: portion.join('') }, { output: portion.length });
      }
      break;
  }
  writer.add('frame', { type: 'content_block_stop', index });
};

/** The events of a streamed message, up to and with `message_stop`. */
export const writeMessageEvents = (answer: MessageAnswer): readonly StreamEvent[] => {
  const { composition } = answer;
  const writer = new EventWriter(drawFrom('stream', answer.digest));
  const opening = {
    ...messageHead(answer),
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: wholeUsage(answer, 1, null),
  };
  writer.add('frame', { type: 'message_start', message: opening });
  for (const [index, block] of composition.blocks.entries()) writeBlock(answer, block, index, writer);
  const { output, reasoning } = outputTokens(composition);
  writer.add('closing', {
    type: 'message_delta',
    delta: { stop_reason: stopReason(composition), stop_sequence: composition.stopSequence },
    usage: {
      ...inputUsage(answer.input),
      output_tokens: output + reasoning,
      ...(reasoning === 0 ? {} : { output_tokens_details: { thinking_tokens: reasoning } }),
    },
  });
  writer.add('closing', { type: 'message_stop' });
  return writer.events;
};
