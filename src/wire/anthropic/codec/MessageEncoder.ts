import { assert } from '../../../kernel/index.ts';
import type { AnswerPart, Finish, Seal, Usage } from '../../../vocabulary/index.ts';
import { clientCallId } from '../../codec/CallIds.ts';
import type { AnswerFrame, StreamEncoder } from '../../codec/Codec.ts';
import type { JsonObject } from '../../json/JsonObject.ts';
import { PartGrammar } from '../../codec/PartGrammar.ts';
import { seamsMember, type Sewn } from '../../seam/Sewn.ts';
import { callIdRule } from './callIdRule.ts';
import { callSealBlock, messageHead, redactedBlock } from './encodeAnswer.ts';
import { encodeUsage } from './encodeUsage.ts';
import { finishMembers } from './finishReasons.ts';
import { keptText } from './sealOf.ts';

type BlockPart = Extract<AnswerPart, { readonly block: number }>;
type Kind = 'text' | 'thinking' | 'refusal' | 'tool-call';

/** A block as it stands in the stream. */
interface WrittenBlock {
  readonly kind: Kind;
  readonly index: number;
  /** Text of an event up to the words of a delta, and after them. */
  readonly deltaHead: string;
  /** The start is out. Text starts with its first word: an empty block would come back in a history and be refused. */
  begun: boolean;
}

/** A message of which the client has a part. */
export interface ResumedMessage {
  /** The block of text that is open, by its number in the stream; null where none is. */
  readonly openIndex: number | null;
  /** Number of the next block. */
  readonly nextIndex: number;
}

/** The start of each kind of block, as JSON, and the delta that fills it. */
const forms: Readonly<Record<Kind, { readonly start: string; readonly delta: string; readonly member: string }>> = {
  text: { start: '{"type":"text","text":""}', delta: 'text_delta', member: 'text' },
  refusal: { start: '{"type":"text","text":""}', delta: 'text_delta', member: 'text' },
  thinking: { start: '{"type":"thinking","thinking":"","signature":""}', delta: 'thinking_delta', member: 'thinking' },
  'tool-call': { start: '', delta: 'input_json_delta', member: 'partial_json' },
};

/** The names of events are these words and no others: nothing that a vendor says can stand in a line of its own. */
type EventName =
  | 'message_start'
  | 'ping'
  | 'content_block_start'
  | 'content_block_delta'
  | 'content_block_stop'
  | 'message_delta'
  | 'message_stop';

const event = (type: EventName, members: string): string => `event: ${type}\ndata: {"type":"${type}"${members}}\n\n`;

/**
 * Writes a streamed message. The protocol has one block open at a time, while parts of several calls may come beside one another: what belongs to a later
 * block waits for the end of the one before it. Parts that break their grammar throw.
 */
export class MessageEncoder implements StreamEncoder {
  readonly #frame: AnswerFrame;
  readonly #grammar = new PartGrammar();
  #nextIndex = 0;
  #open: WrittenBlock | null = null;
  /** Parts of blocks that wait until those before them have ended, by the number of their block. */
  readonly #waiting = new Map<number, BlockPart[]>();
  /** How many blocks have ended. They are numbered in the order in which they start, and written in it. */
  #ended = 0;
  readonly #kinds = new Set<Kind>();
  #usage: Usage | null = null;
  #finish: Finish | null = null;
  readonly #seams: Sewn[] = [];

  /** @param resumed Where it stands in the message whose start the client has. */
  constructor(frame: AnswerFrame, resumed: ResumedMessage | null = null) {
    this.#frame = frame;
    if (resumed !== null) this.#resume(resumed);
  }

  /** Pings mean nothing to clients, and may stand anywhere. */
  sew(seam: Sewn): string {
    this.#seams.push(seam);
    return event('ping', seamsMember([seam]));
  }

  encode(parts: readonly AnswerPart[]): string {
    let text = '';
    for (const part of parts) {
      this.#grammar.check(part);
      text += 'block' in part ? this.#place(part) : this.#frameOf(part);
    }
    return text;
  }

  #resume({ openIndex, nextIndex }: ResumedMessage): void {
    this.#grammar.check({ type: 'answer-start', id: '', model: '' });
    this.#kinds.add('text');
    if (openIndex !== null) {
      this.#grammar.check({ type: 'text-start', block: 0 });
      this.#nextIndex = openIndex;
      this.#openBlock('text').begun = true;
    }
    this.#nextIndex = nextIndex;
  }

  #frameOf(part: Exclude<AnswerPart, BlockPart>): string {
    switch (part.type) {
      case 'answer-start':
        return this.#start(part.id, part.model);
      case 'usage':
        this.#usage = part.usage;
        return '';
      case 'finish':
        this.#finish = part.finish;
        return '';
      case 'answer-end':
        return this.#end();
    }
  }

  /** The vendor's usage is known at the end only; the estimate here is replaced by what the last but one event says. */
  #start(id: string, model: string): string {
    const message = {
      ...messageHead({ id, model }, this.#frame),
      content: [],
      stop_reason: null,
      stop_sequence: null,
      stop_details: null,
      usage: encodeUsage(this.#usageSoFar),
    };
    return event('message_start', `,"message":${JSON.stringify(message)}`);
  }

  /** Clients count their context by the first event, and a zero there would tell them that it is empty. */
  get #usageSoFar(): Usage {
    return this.#usage ?? { input: this.#frame.inputEstimateTokens };
  }

  #end(): string {
    assert(this.#finish !== null, 'an answer ends after its finish');
    const delta = finishMembers(this.#finish, this.#kinds);
    const members = `,"delta":${JSON.stringify(delta)},"usage":${JSON.stringify(encodeUsage(this.#usageSoFar))}${seamsMember(this.#seams)}`;
    return event('message_delta', members) + event('message_stop', '');
  }

  /** Writes a part, or lets it wait for its turn. */
  #place(part: BlockPart): string {
    if (part.block === this.#ended) return this.#write(part) + this.#writeWaiting();
    const waiting = this.#waiting.get(part.block);
    if (waiting === undefined) this.#waiting.set(part.block, [part]);
    else waiting.push(part);
    return '';
  }

  #writeWaiting(): string {
    let text = '';
    while (this.#open === null) {
      const next = this.#waiting.get(this.#ended);
      if (next === undefined) break;
      this.#waiting.delete(this.#ended);
      for (const part of next) text += this.#write(part);
    }
    return text;
  }

  #write(part: BlockPart): string {
    switch (part.type) {
      case 'text-delta':
      case 'refusal-delta':
      case 'thinking-delta':
        return this.#delta(part.text);
      case 'tool-call-delta':
        return this.#delta(part.arguments);
      case 'text-start':
        return this.#openWords('text');
      case 'thinking-start':
        return this.#openWords('thinking');
      case 'refusal-start':
        return this.#openWords('refusal');
      case 'tool-call-start': {
        const sealed = callSealBlock(part.seal, this.#frame).map((block) => this.#wholeBlock(block));
        const opened = this.#openBlock('tool-call');
        const id = clientCallId(part.id, part.block, this.#frame, callIdRule);
        const call = this.#begin(opened, JSON.stringify({ type: 'tool_use', id, name: part.name, input: {} }));
        return sealed.join('') + call;
      }
      case 'redacted-thinking':
        this.#ended += 1;
        return this.#frame.showThinking ? this.#wholeBlock(redactedBlock(part.seal, this.#frame)) : '';
      case 'thinking-end':
        return this.#signature(part.seal) + this.#closeBlock();
      case 'text-end':
      case 'refusal-end':
      case 'tool-call-end':
        return this.#closeBlock();
    }
  }

  /** Words start with the first of them. */
  #openWords(kind: Kind): string {
    this.#openBlock(kind);
    return '';
  }

  #openBlock(kind: Kind): WrittenBlock {
    this.#kinds.add(kind);
    const { delta, member } = forms[kind];
    const index = this.#nextIndex;
    const deltaHead = `event: content_block_delta\ndata: {"type":"content_block_delta","index":${index},"delta":{"type":"${delta}","${member}":`;
    this.#open = { kind, index, deltaHead, begun: false };
    return this.#open;
  }

  #begin(open: WrittenBlock, start: string): string {
    open.begun = true;
    this.#nextIndex += 1;
    return event('content_block_start', `,"index":${open.index},"content_block":${start}`);
  }

  #delta(words: string): string {
    const open = this.#open;
    assert(open !== null, 'a delta while no block is open');
    if (words === '' || (open.kind === 'thinking' && !this.#frame.showThinking)) return '';
    const start = open.begun ? '' : this.#begin(open, forms[open.kind].start);
    return `${start}${open.deltaHead}${JSON.stringify(words)}}}\n\n`;
  }

  /** Thinking that nobody sealed keeps the empty signature of its start. */
  #signature(seal: Seal | null): string {
    const open = this.#open;
    if (open === null || seal === null || !this.#frame.showThinking) return '';
    const start = open.begun ? '' : this.#begin(open, forms.thinking.start);
    const delta = JSON.stringify({ type: 'signature_delta', signature: keptText(seal, this.#frame.sealedAt) });
    return `${start}${event('content_block_delta', `,"index":${open.index},"delta":${delta}`)}`;
  }

  #wholeBlock(block: JsonObject): string {
    const index = this.#nextIndex;
    this.#nextIndex += 1;
    return (
      event('content_block_start', `,"index":${index},"content_block":${JSON.stringify(block)}`) +
      event('content_block_stop', `,"index":${index}`)
    );
  }

  #closeBlock(): string {
    const open = this.#open;
    this.#open = null;
    this.#ended += 1;
    return open?.begun === true ? event('content_block_stop', `,"index":${open.index}`) : '';
  }
}
