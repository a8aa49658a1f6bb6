import { assert } from '../../../kernel/index.ts';
import type { AnswerPart, Finish, Usage } from '../../../vocabulary/index.ts';
import type { AnswerFrame, StreamEncoder } from '../../codec.ts';
import { callId, messageHead } from './encodeAnswer.ts';
import { isOwn } from './ownSeal.ts';
import { stopReasonOf } from './stopReasons.ts';
import { usageBody } from './usageBody.ts';

type BlockPart = Extract<AnswerPart, { readonly block: number }>;
type Kind = 'text' | 'thinking' | 'refusal' | 'tool-call';

/** A block that waits until the one before it has ended, with its parts so far. */
interface WaitingBlock {
  readonly block: number;
  readonly parts: BlockPart[];
}

/** A block as it stands in the stream. */
interface WrittenBlock {
  readonly block: number;
  readonly kind: Kind;
  readonly index: number;
  /** Text of an event up to the words of a delta, and after them. */
  readonly deltaHead: string;
  /** The start is out. Text starts with its first word: an empty block would come back in a history and be refused. */
  begun: boolean;
}

/** The start of each kind of block, as JSON, and the delta that fills it. */
const forms: Readonly<Record<Kind, { readonly start: string; readonly delta: string; readonly member: string }>> = {
  text: { start: '{"type":"text","text":""}', delta: 'text_delta', member: 'text' },
  refusal: { start: '{"type":"text","text":""}', delta: 'text_delta', member: 'text' },
  thinking: { start: '{"type":"thinking","thinking":"","signature":""}', delta: 'thinking_delta', member: 'thinking' },
  'tool-call': { start: '', delta: 'input_json_delta', member: 'partial_json' },
};

const event = (type: string, members: string): string => `event: ${type}\ndata: {"type":"${type}"${members}}\n\n`;

/**
 * Writes a streamed message. The protocol has one block open at a time, while parts of several calls may come beside one another: what belongs to a later
 * block waits for the end of the one before it. Parts that break their grammar throw.
 */
export class MessageEncoder implements StreamEncoder {
  readonly #frame: AnswerFrame;
  /** Blocks that have started and not ended, as the parts tell it. */
  readonly #live = new Map<number, Kind>();
  #nextBlock = 0;
  #nextIndex = 0;
  #open: WrittenBlock | null = null;
  readonly #waiting: WaitingBlock[] = [];
  #stage: 'before' | 'content' | 'finished' | 'ended' = 'before';
  readonly #kinds = new Set<Kind>();
  #usage: Usage | null = null;
  #finish: Finish | null = null;

  constructor(frame: AnswerFrame) {
    this.#frame = frame;
  }

  encode(parts: readonly AnswerPart[]): string {
    let text = '';
    for (const part of parts) text += this.#encodeOne(part);
    return text;
  }

  #encodeOne(part: AnswerPart): string {
    assert(this.#stage !== 'ended', `${part.type} after the answer's end`);
    if ('block' in part) {
      this.#check(part);
      return this.#place(part);
    }
    switch (part.type) {
      case 'answer-start':
        return this.#start(part.id, part.model);
      case 'usage':
        this.#usage = part.usage;
        return '';
      case 'finish':
        assert(this.#stage === 'content' && this.#live.size === 0, 'finish before the start or inside a block');
        this.#stage = 'finished';
        this.#finish = part.finish;
        return '';
      case 'answer-end':
        return this.#end();
    }
  }

  /** The vendor's usage is known at the end only; the estimate here is replaced by what the last but one event says. */
  #start(id: string, model: string): string {
    assert(this.#stage === 'before', 'a second start of an answer');
    this.#stage = 'content';
    const message = {
      ...messageHead({ id, model }, this.#frame),
      content: [],
      stop_reason: null,
      stop_sequence: null,
      stop_details: null,
      usage: usageBody(this.#usageSoFar),
    };
    return event('message_start', `,"message":${JSON.stringify(message)}`);
  }

  /** Clients count their context by the first event, and a zero there would tell them that it is empty. */
  get #usageSoFar(): Usage {
    return this.#usage ?? { input: this.#frame.inputEstimateTokens };
  }

  #end(): string {
    assert(this.#stage === 'finished' && this.#finish !== null, 'the end of an answer without its finish');
    this.#stage = 'ended';
    const delta = {
      stop_reason: stopReasonOf(this.#finish, this.#kinds),
      stop_sequence: this.#finish.stopSequence,
      stop_details: null,
    };
    const members = `,"delta":${JSON.stringify(delta)},"usage":${JSON.stringify(usageBody(this.#usageSoFar))}`;
    return event('message_delta', members) + event('message_stop', '');
  }

  /** Holds a part to the grammar of parts. */
  #check(part: BlockPart): void {
    assert(this.#stage === 'content', `${part.type} before the start or after the finish`);
    const { type, block } = part;
    if (type.endsWith('-start') || type === 'redacted-thinking') {
      assert(block === this.#nextBlock, `${type} of block ${block} where ${this.#nextBlock} is next`);
      this.#nextBlock += 1;
      if (type !== 'redacted-thinking') this.#live.set(block, kindOf(part));
      return;
    }
    assert(this.#live.get(block) === kindOf(part), `${type} of block ${block}, which is none that is open`);
    if (type.endsWith('-end')) this.#live.delete(block);
  }

  /** Writes a part, or lets it wait for its turn. */
  #place(part: BlockPart): string {
    if (this.#open === null || this.#open.block === part.block) return this.#write(part) + this.#writeWaiting();
    const waiting = this.#waiting.find((one) => one.block === part.block);
    if (waiting === undefined) this.#waiting.push({ block: part.block, parts: [part] });
    else waiting.parts.push(part);
    return '';
  }

  #writeWaiting(): string {
    let text = '';
    while (this.#open === null) {
      const next = this.#waiting.shift();
      if (next === undefined) break;
      for (const part of next.parts) text += this.#write(part);
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
      case 'thinking-start':
      case 'refusal-start':
        this.#openBlock(part.block, kindOf(part));
        return '';
      case 'tool-call-start': {
        const opened = this.#openBlock(part.block, 'tool-call');
        const id = callId(part.id, part.block, this.#frame);
        return this.#begin(opened, JSON.stringify({ type: 'tool_use', id, name: part.name, input: {} }));
      }
      case 'redacted-thinking':
        return this.#redacted(part);
      case 'thinking-end':
        return this.#signature(part) + this.#closeBlock();
      case 'text-end':
      case 'refusal-end':
      case 'tool-call-end':
        return this.#closeBlock();
    }
  }

  #openBlock(block: number, kind: Kind): WrittenBlock {
    this.#kinds.add(kind);
    const { delta, member } = forms[kind];
    const index = this.#nextIndex;
    const deltaHead = `event: content_block_delta\ndata: {"type":"content_block_delta","index":${index},"delta":{"type":"${delta}","${member}":`;
    this.#open = { block, kind, index, deltaHead, begun: false };
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

  /** Only a signature of this wire is one; foreign thinking keeps the empty one of its start. */
  #signature({ seal }: BlockPart & { readonly type: 'thinking-end' }): string {
    const open = this.#open;
    if (open === null || seal === null || !isOwn(seal) || !this.#frame.showThinking) return '';
    const start = open.begun ? '' : this.#begin(open, forms.thinking.start);
    const delta = JSON.stringify({ type: 'signature_delta', signature: seal.value });
    return `${start}${event('content_block_delta', `,"index":${open.index},"delta":${delta}`)}`;
  }

  #redacted({ seal }: BlockPart & { readonly type: 'redacted-thinking' }): string {
    if (!isOwn(seal) || !this.#frame.showThinking) return '';
    const index = this.#nextIndex;
    this.#nextIndex += 1;
    const block = JSON.stringify({ type: 'redacted_thinking', data: seal.value });
    return (
      event('content_block_start', `,"index":${index},"content_block":${block}`) +
      event('content_block_stop', `,"index":${index}`)
    );
  }

  #closeBlock(): string {
    const open = this.#open;
    this.#open = null;
    return open?.begun === true ? event('content_block_stop', `,"index":${open.index}`) : '';
  }
}

const kindOf = ({ type }: BlockPart): Kind => {
  if (type.startsWith('text')) return 'text';
  if (type.startsWith('refusal')) return 'refusal';
  return type.startsWith('tool-call') ? 'tool-call' : 'thinking';
};
