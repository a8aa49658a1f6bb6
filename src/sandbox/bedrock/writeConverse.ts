// Answers in the shapes of the recorded bodies: the same members, the same order of events, even the letters that pad them.
import { blockTokens } from '../answer/composeAnswer.ts';
import type { Block, Composition } from '../answer/composeAnswer.ts';
import type { TokenCount } from '../bill/billTokens.ts';
import { drawFrom, drawLetters } from '../Draw.ts';
import type { Draw } from '../Draw.ts';
import { isJsonObject } from '../json.ts';
import type { StreamEvent } from '../vendor/VendorWire.ts';
import { eventFrame } from './writeFrame.ts';

/** Everything an answer is written from. */
export interface ConverseAnswer {
  /** Names the answer: equal requests get equal ids. */
  readonly digest: string;
  readonly inputTokens: number;
  readonly composition: Composition;
}

const toolUseId = ({ digest }: ConverseAnswer, index: number): string =>
  `tooluse_${drawLetters(drawFrom('tool use', digest, index), 22)}`;

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

export const outputTokens = ({ blocks }: Composition): number =>
  blocks.reduce((sum, block) => sum + blockTokens(block), 0);

const usageOf = ({ inputTokens, composition }: ConverseAnswer): object => ({
  inputTokens,
  outputTokens: outputTokens(composition),
  totalTokens: inputTokens + outputTokens(composition),
});

const metricsOf = ({ digest }: ConverseAnswer): object => ({ latencyMs: 200 + drawFrom('latency', digest).below(800) });

/** Arguments as an object; a call cut short by `maxTokens` has none that can be read. */
const inputOf = (block: Block): unknown => {
  try {
    const value: unknown = JSON.parse(block.tokens.join(''));
    return isJsonObject(value) ? value : {};
  } catch {
    return {};
  }
};

/** A `ConverseResponse`. */
export const writeConverseBody = (answer: ConverseAnswer): string =>
  JSON.stringify({
    metrics: metricsOf(answer),
    output: {
      message: {
        content: answer.composition.blocks.map((block, index) =>
          block.kind === 'tool'
            ? { toolUse: { input: inputOf(block), name: block.tool, toolUseId: toolUseId(answer, index) } }
            : { text: block.tokens.join('') },
        ),
        role: 'assistant',
      },
    },
    stopReason: stopReason(answer.composition),
    usage: usageOf(answer),
  });

const padding = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

/** Writes events with the member `p` that hides how long they are. */
class EventWriter {
  readonly #draw: Draw;
  readonly events: StreamEvent[] = [];

  constructor(draw: Draw) {
    this.#draw = draw;
  }

  add(kind: StreamEvent['kind'], type: string, members: object, tokens: TokenCount = {}): void {
    const p = padding.slice(0, 1 + this.#draw.below(padding.length));
    this.events.push({ bytes: eventFrame(type, { ...members, p }), kind, tokens });
  }
}

const writeBlock = (answer: ConverseAnswer, block: Block, index: number, writer: EventWriter): void => {
  const place = { contentBlockIndex: index };
  const isCall = block.kind === 'tool';
  if (isCall) {
    // Only a call has a beginning of its own.
    const start = { toolUse: { name: block.tool, toolUseId: toolUseId(answer, index) } };
    writer.add('content', 'contentBlockStart', { ...place, start }, { output: block.nameTokens });
  }
  for (const token of block.tokens) {
    const delta = isCall ? { toolUse: { input: token } } : { text: token };
    writer.add('content', 'contentBlockDelta', { ...place, delta }, { output: 1 });
  }
  writer.add('frame', 'contentBlockStop', place);
};

/** The frames of a streamed answer, up to and with `metadata`. */
export const writeConverseEvents = (answer: ConverseAnswer): readonly StreamEvent[] => {
  const writer = new EventWriter(drawFrom('stream', answer.digest));
  writer.add('frame', 'messageStart', { role: 'assistant' });
  for (const [index, block] of answer.composition.blocks.entries()) writeBlock(answer, block, index, writer);
  writer.add('closing', 'messageStop', { stopReason: stopReason(answer.composition) });
  writer.add('closing', 'metadata', { metrics: metricsOf(answer), usage: usageOf(answer) });
  return writer.events;
};
