import { assert } from '../../../kernel/index.ts';
import type { AnswerPart, Failure, Finish, Seal, Usage } from '../../../vocabulary/index.ts';
import type { AnswerFrame, StreamEncoder } from '../../codec/Codec.ts';
import { answerLengthMax } from '../../codec/answerLengthMax.ts';
import { PartGrammar } from '../../codec/PartGrammar.ts';
import { protocolFailure } from '../../failure/classifyFailure.ts';
import type { JsonObject } from '../../json/JsonObject.ts';
import { encodeUsage } from './encodeUsage.ts';
import { finishMembers } from './finishReasons.ts';
import {
  callItem,
  clientCall,
  messageItem,
  reasoningItem,
  summaryPart,
  toolsByName,
  wordsPart,
} from './outputItems.ts';
import type { ClientCall, ToolsByName, WordsKind } from './outputItems.ts';
import { responseHead } from './responseHead.ts';
import { textOfArguments } from './freeText.ts';
import { itemId } from './sealOf.ts';

type CallStart = Extract<AnswerPart, { readonly type: 'tool-call-start' }>;

/** The names of events are these words and no others: nothing that a vendor says can stand in a line of its own. */
type EventName =
  | `response.${'created' | 'in_progress' | 'completed' | 'incomplete'}`
  | `response.output_item.${'added' | 'done'}`
  | `response.content_part.${'added' | 'done'}`
  | `response.${'output_text' | 'refusal'}.${'delta' | 'done'}`
  | `response.${'reasoning_summary_part'}.${'added' | 'done'}`
  | `response.${'reasoning_summary_text' | 'function_call_arguments' | 'custom_tool_call_input'}.${'delta' | 'done'}`;

/** An item of the output while it is open. */
interface OpenItem {
  readonly index: number;
  readonly id: string;
}

interface OpenMessage extends OpenItem {
  readonly parts: JsonObject[];
  /** How many of its parts are still written. */
  open: number;
}

/** A block that is open. Words start with the first of them, so that nothing empty comes back in a history. */
type OpenBlock =
  | { readonly kind: WordsKind; text: string; at: OpenMessage | null; part: number }
  | { readonly kind: 'thinking'; text: string; at: OpenItem | null }
  | { readonly kind: 'call'; text: string; readonly at: OpenItem; readonly call: ClientCall };

const words = {
  text: { event: 'response.output_text', member: 'text', more: ',"logprobs":[]' },
  refusal: { event: 'response.refusal', member: 'refusal', more: '' },
} as const;

/**
 * Writes an answer as the events of a streamed response (openai 7.57.0, `ResponseStreamEvent`): each item is added, written piece by piece, told once more whole,
 * and the last event has them all. Items are numbered in the order of their start; calls may be written beside one another. Parts that break their grammar throw.
 */
export class ResponseEncoder implements StreamEncoder {
  readonly #frame: AnswerFrame;
  readonly #tools: ToolsByName;
  readonly #grammar = new PartGrammar();
  readonly #blocks = new Map<number, OpenBlock>();
  /** Items by their number, whole; an open one has its place. */
  readonly #output: JsonObject[] = [];
  #events = 0;
  #items = 0;
  /** Words in a row are parts of one message. */
  #message: OpenMessage | null = null;
  #head: JsonObject = {};
  #usage: Usage | null = null;
  #finish: Finish | null = null;
  /** How long all that was said is: it is told once more whole at the end, so it has a bound. */
  #length = 0;
  fault: Failure | null = null;

  constructor(frame: AnswerFrame) {
    this.#frame = frame;
    this.#tools = toolsByName(frame);
  }

  encode(parts: readonly AnswerPart[]): string {
    let text = '';
    for (const part of parts) {
      if (this.fault !== null) break;
      this.#grammar.check(part);
      text += this.#write(part);
    }
    return text;
  }

  #write(part: AnswerPart): string {
    switch (part.type) {
      case 'answer-start':
        return this.#start(part.id, part.model);
      case 'text-start':
        this.#blocks.set(part.block, { kind: 'text', text: '', at: null, part: 0 });
        return '';
      case 'refusal-start':
        this.#blocks.set(part.block, { kind: 'refusal', text: '', at: null, part: 0 });
        return '';
      case 'thinking-start':
        this.#blocks.set(part.block, { kind: 'thinking', text: '', at: null });
        return '';
      case 'tool-call-start':
        return this.#startCall(part);
      case 'text-delta':
      case 'refusal-delta':
      case 'thinking-delta':
        return this.#go(part.block, part.text);
      case 'tool-call-delta':
        return this.#go(part.block, part.arguments);
      case 'text-end':
      case 'refusal-end':
      case 'tool-call-end':
        return this.#end(part.block, null);
      case 'thinking-end':
        return this.#end(part.block, part.seal);
      case 'redacted-thinking':
        return this.#redacted(part.block, part.seal);
      case 'usage':
        this.#usage = part.usage;
        return '';
      case 'finish':
        this.#finish = part.finish;
        return '';
      case 'answer-end':
        return this.#complete();
    }
  }

  #start(id: string, model: string): string {
    this.#head = responseHead({ id, model }, this.#frame);
    const response = JSON.stringify({
      ...this.#head,
      status: 'in_progress',
      incomplete_details: null,
      output: [],
      usage: null,
    });
    const members = `,"response":${response}`;
    return this.#event('response.created', members) + this.#event('response.in_progress', members);
  }

  #complete(): string {
    assert(this.#finish !== null, 'an answer ends after its finish');
    const closed = this.#closeMessage();
    const ending = finishMembers(this.#finish);
    const response = JSON.stringify({
      ...this.#head,
      ...ending,
      output: this.#output,
      usage: this.#usage === null ? null : encodeUsage(this.#usage),
    });
    return closed + this.#event(`response.${ending.status}`, `,"response":${response}`);
  }

  #startCall({ block, id: given, name, seal }: CallStart): string {
    const closed = this.#closeMessage() + (seal === undefined ? '' : this.#sealed(block, seal));
    const call = clientCall(given, name, block, this.#frame, this.#tools);
    const at = this.#nextItem(call.isText ? 'ctc' : 'fc', block);
    this.#blocks.set(block, { kind: 'call', text: '', at, call });
    return closed + this.#added(at, callItem(call, 'in_progress', ''));
  }

  #go(block: number, piece: string): string {
    const open = this.#opened(block);
    if (piece === '' || !this.#fits(piece)) return '';
    open.text += piece;
    if (open.kind === 'call') {
      // A text stands in JSON until it is whole.
      return open.call.isText ? '' : this.#delta('response.function_call_arguments.delta', open.at, '', piece);
    }
    return open.kind === 'thinking' ? this.#think(open, block, piece) : this.#say(open, block, piece);
  }

  #fits(piece: string): boolean {
    this.#length += piece.length;
    const isTooLong = this.#length > answerLengthMax;
    if (isTooLong) this.fault ??= protocolFailure('answer_too_large', 'answer too long');
    return !isTooLong;
  }

  #say(open: Extract<OpenBlock, { kind: WordsKind }>, block: number, piece: string): string {
    const begun = open.at === null ? this.#beginWords(open, block) : '';
    const { at, part } = open;
    assert(at !== null, 'words stand in a message');
    const { event, more } = words[open.kind];
    return begun + this.#delta(`${event}.delta`, at, `,"content_index":${part}${more}`, piece);
  }

  /** A part has its place in the message from its first word on. */
  #beginWords(open: Extract<OpenBlock, { kind: WordsKind }>, block: number): string {
    const added = this.#openMessage(block);
    const at = this.#message;
    assert(at !== null, 'a message is open');
    const part = wordsPart(open.kind, '');
    open.at = at;
    at.open += 1;
    open.part = at.parts.push(part) - 1;
    const members = `,"content_index":${open.part},"part":${JSON.stringify(part)}`;
    return added + this.#ofItem('response.content_part.added', at, members);
  }

  #openMessage(block: number): string {
    if (this.#message !== null) return '';
    const at = { ...this.#nextItem('msg', block), parts: [], open: 0 };
    this.#message = at;
    return this.#added(at, messageItem(at.id, 'in_progress', []));
  }

  #think(open: Extract<OpenBlock, { kind: 'thinking' }>, block: number, piece: string): string {
    if (!this.#frame.showThinking) return '';
    let begun = '';
    if (open.at === null) {
      begun = this.#closeMessage();
      open.at = this.#nextItem('rs', block);
      begun += this.#added(open.at, reasoningItem(open.at.id, '', null, this.#frame));
      const part = `,"summary_index":0,"part":${JSON.stringify(summaryPart(''))}`;
      begun += this.#ofItem('response.reasoning_summary_part.added', open.at, part);
    }
    return begun + this.#delta('response.reasoning_summary_text.delta', open.at, ',"summary_index":0', piece);
  }

  #end(block: number, seal: Seal | null): string {
    const open = this.#opened(block);
    this.#blocks.delete(block);
    if (open.kind === 'call') return this.#endCall(open);
    return open.kind === 'thinking' ? this.#endThinking(open, block, seal) : this.#endWords(open);
  }

  #endCall({ call, text, at }: Extract<OpenBlock, { kind: 'call' }>): string {
    const item = callItem(call, 'completed', text);
    if (!call.isText) {
      const whole = `,"name":${JSON.stringify(call.head['name'])},"arguments":${JSON.stringify(text)}`;
      return this.#ofItem('response.function_call_arguments.done', at, whole) + this.#done(at, item);
    }
    const input = textOfArguments(text);
    const delta = input === '' ? '' : this.#delta('response.custom_tool_call_input.delta', at, '', input);
    const done = this.#ofItem('response.custom_tool_call_input.done', at, `,"input":${JSON.stringify(input)}`);
    return delta + done + this.#done(at, item);
  }

  #endWords({ kind, text, at, part: number }: Extract<OpenBlock, { kind: WordsKind }>): string {
    if (at === null) return '';
    at.open -= 1;
    const { event, member, more } = words[kind];
    const part = wordsPart(kind, text);
    at.parts[number] = part;
    const content = `,"content_index":${number}`;
    return (
      this.#ofItem(`${event}.done`, at, `${content}${more},"${member}":${JSON.stringify(text)}`) +
      this.#ofItem('response.content_part.done', at, `${content},"part":${JSON.stringify(part)}`)
    );
  }

  #endThinking({ text, at }: Extract<OpenBlock, { kind: 'thinking' }>, block: number, seal: Seal | null): string {
    if (at === null) return seal === null ? '' : this.#redacted(block, seal);
    const part = `,"summary_index":0,"part":${JSON.stringify(summaryPart(text))}`;
    return (
      this.#ofItem('response.reasoning_summary_text.done', at, `,"summary_index":0,"text":${JSON.stringify(text)}`) +
      this.#ofItem('response.reasoning_summary_part.done', at, part) +
      this.#done(at, reasoningItem(at.id, text, seal, this.#frame))
    );
  }

  /** Reasoning that is a cipher alone. */
  #redacted(block: number, seal: Seal): string {
    return this.#frame.showThinking ? this.#closeMessage() + this.#sealed(block, seal) : '';
  }

  #sealed(block: number, seal: Seal): string {
    const at = this.#nextItem('rs', block);
    const empty = reasoningItem(at.id, '', null, this.#frame);
    return this.#added(at, empty) + this.#done(at, reasoningItem(at.id, '', seal, this.#frame));
  }

  /** Ends the message where no words of it are open any more. */
  #closeMessage(): string {
    const at = this.#message;
    if (at === null || at.open > 0) return '';
    this.#message = null;
    return this.#done(at, messageItem(at.id, 'completed', at.parts));
  }

  #opened(block: number): OpenBlock {
    const open = this.#blocks.get(block);
    assert(open !== undefined, 'a block goes on after its start');
    return open;
  }

  #nextItem(prefix: Parameters<typeof itemId>[0], block: number): OpenItem {
    const index = this.#items;
    this.#items += 1;
    return { index, id: itemId(prefix, this.#frame.requestId, block) };
  }

  #added({ index }: OpenItem, item: JsonObject): string {
    return this.#event('response.output_item.added', `,"output_index":${index},"item":${JSON.stringify(item)}`);
  }

  #done({ index }: OpenItem, item: JsonObject): string {
    this.#output[index] = item;
    return this.#event('response.output_item.done', `,"output_index":${index},"item":${JSON.stringify(item)}`);
  }

  #delta(name: EventName, at: OpenItem, members: string, piece: string): string {
    return this.#ofItem(name, at, `${members},"delta":${JSON.stringify(piece)}`);
  }

  #ofItem(name: EventName, { index, id }: OpenItem, members: string): string {
    return this.#event(name, `,"item_id":"${id}","output_index":${index}${members}`);
  }

  #event(name: EventName, members: string): string {
    const number = this.#events;
    this.#events += 1;
    return `event: ${name}\ndata: {"type":"${name}","sequence_number":${number}${members}}\n\n`;
  }
}
