import { assert } from '../../../kernel/index.ts';
import type { AnswerPart, Failure, Finish, Seal, Usage } from '../../../vocabulary/index.ts';
import type { AnswerFrame, StreamEncoder } from '../../codec/Codec.ts';
import { answerLengthMax } from '../../codec/answerLengthMax.ts';
import { PartGrammar } from '../../codec/PartGrammar.ts';
import { protocolFailure } from '../../failure/classifyFailure.ts';
import type { JsonObject } from '../../json/JsonObject.ts';
import { seamComment, seamsMember, type Sewn } from '../../seam/Sewn.ts';
import { encodeUsage } from './encodeUsage.ts';
import { finishMembers } from './finishReasons.ts';
import {
  callItem,
  clientCall,
  emptyText,
  givenTo,
  messageItem,
  reasoningItem,
  summaryPart,
  toolsByName,
  wordsPart,
} from './outputItems.ts';
import type { ClientCall, ToolsByName, WordsKind } from './outputItems.ts';
import { responseHead } from './responseHead.ts';
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
  /** JSON of the members that say so in each of its events. */
  readonly place: string;
}

/** What all pieces of a block have alike in their events: before the number, and between that and the piece. */
interface PieceFrame {
  readonly opening: string;
  readonly members: string;
}

interface OpenMessage extends OpenItem {
  /** JSON of each. */
  readonly parts: string[];
  /** How many of its parts are still written. */
  open: number;
}

/** A block that is open. Words start with the first of them, so that nothing empty comes back in a history. */
type OpenBlock =
  | { readonly kind: WordsKind; text: string; at: OpenMessage | null; part: number; frame: PieceFrame | null }
  | { readonly kind: 'thinking'; text: string; at: OpenItem | null; frame: PieceFrame | null }
  | {
      readonly kind: 'call';
      text: string;
      readonly at: OpenItem;
      readonly call: ClientCall;
      readonly frame: PieceFrame;
    };

/** A part of a message of which the client has some words. */
export interface ResumedPart {
  readonly text: string;
  /** The client was told them once more, whole. */
  readonly isTold: boolean;
}

/** A response of which the client has a part. */
export interface ResumedResponse {
  /** JSON of the members that all events of the response have alike, without its braces. */
  readonly head: string;
  /** How many events there were. */
  readonly events: number;
  /** JSON of the items that are whole, in their order. */
  readonly output: readonly string[];
  /** The message that is open behind them, with JSON of its parts that are whole; null where none is. */
  readonly message: {
    readonly id: string;
    readonly parts: readonly string[];
    readonly part: ResumedPart | null;
  } | null;
}

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
  /** JSON of the items by their number, whole; an open one has its place. */
  readonly #output: string[] = [];
  #events = 0;
  #items = 0;
  /** Words in a row are parts of one message. */
  #message: OpenMessage | null = null;
  /** JSON of the members that all events of the response have alike, without its braces. */
  #head = '';
  #usage: Usage | null = null;
  #finish: Finish | null = null;
  /** How long all that was said is: it is told once more whole at the end, so it has a bound. */
  #length = 0;
  fault: Failure | null = null;
  readonly #seams: Sewn[] = [];
  /** What the client lacks of the stream that is gone on with. */
  #owed = '';

  /** @param resumed Where it stands in the response whose start the client has. */
  constructor(frame: AnswerFrame, resumed: ResumedResponse | null = null) {
    this.#frame = frame;
    this.#tools = toolsByName(frame);
    if (resumed !== null) this.#resume(resumed);
  }

  sew(seam: Sewn): string {
    this.#seams.push(seam);
    return seamComment(seam);
  }

  encode(parts: readonly AnswerPart[]): string {
    let text = this.#owed;
    this.#owed = '';
    for (const part of parts) {
      if (this.fault !== null) break;
      this.#grammar.check(part);
      text += this.#write(part);
    }
    return text;
  }

  #resume({ head, events, output, message }: ResumedResponse): void {
    this.#grammar.check({ type: 'answer-start', id: '', model: '' });
    this.#head = head;
    this.#events = events;
    this.#output.push(...output);
    this.#items = output.length;
    if (message === null) return;
    const { id, parts, part } = message;
    const index = this.#items;
    this.#items += 1;
    const at: OpenMessage = {
      index,
      id,
      place: `,"item_id":${JSON.stringify(id)},"output_index":${index}`,
      parts: [...parts],
      open: 0,
    };
    this.#message = at;
    if (part !== null) this.#resumePart(at, part);
  }

  #resumePart(at: OpenMessage, { text, isTold }: ResumedPart): void {
    const number = at.parts.length;
    const place = `,"content_index":${number}`;
    if (isTold) {
      const part = wordsPart('text', JSON.stringify(text));
      at.parts.push(part);
      this.#owed = this.#ofItem('response.content_part.done', at, `${place},"part":${part}`);
      return;
    }
    this.#grammar.check({ type: 'text-start', block: 0 });
    at.parts.push(wordsPart('text', emptyText));
    at.open = 1;
    const { event, more } = words.text;
    const frame = frameOf(`${event}.delta`, at, `${place}${more}`);
    this.#blocks.set(0, { kind: 'text', text, at, part: number, frame });
  }

  #write(part: AnswerPart): string {
    switch (part.type) {
      case 'answer-start':
        return this.#start(part.id, part.model);
      case 'text-start':
        this.#blocks.set(part.block, { kind: 'text', text: '', at: null, part: 0, frame: null });
        return '';
      case 'refusal-start':
        this.#blocks.set(part.block, { kind: 'refusal', text: '', at: null, part: 0, frame: null });
        return '';
      case 'thinking-start':
        this.#blocks.set(part.block, { kind: 'thinking', text: '', at: null, frame: null });
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
    this.#head = JSON.stringify(responseHead({ id, model }, this.#frame)).slice(1, -1);
    const members = this.#response('in_progress', null, '', null);
    return this.#event('response.created', members) + this.#event('response.in_progress', members);
  }

  #complete(): string {
    assert(this.#finish !== null, 'an answer ends after its finish');
    const closed = this.#closeMessage();
    const { status, incomplete_details: incomplete } = finishMembers(this.#finish);
    const members = this.#response(status, incomplete, this.#output.join(','), this.#usage);
    return closed + this.#event(`response.${status}`, `${members}${seamsMember(this.#seams)}`);
  }

  #response(status: string, incomplete: JsonObject | null, output: string, usage: Usage | null): string {
    const ending = `"status":"${status}","incomplete_details":${JSON.stringify(incomplete)}`;
    const used = JSON.stringify(usage === null ? null : encodeUsage(usage));
    return `,"response":{${this.#head},${ending},"output":[${output}],"usage":${used}}`;
  }

  #startCall({ block, id: given, name, seal }: CallStart): string {
    const closed = this.#closeMessage() + (seal === undefined ? '' : this.#sealed(block, seal));
    const call = clientCall(given, name, block, this.#frame, this.#tools);
    const at = this.#nextItem(call.isText ? 'ctc' : 'fc', block);
    const frame = frameOf('response.function_call_arguments.delta', at, '');
    this.#blocks.set(block, { kind: 'call', text: '', at, call, frame });
    return closed + this.#added(at, callItem(call, 'in_progress', emptyText));
  }

  #go(block: number, piece: string): string {
    const open = this.#opened(block);
    if (piece === '' || !this.#fits(piece)) return '';
    open.text += piece;
    if (open.kind === 'call') {
      // A text stands in JSON until it is whole.
      return open.call.isText ? '' : this.#piece(open.frame, JSON.stringify(piece));
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
    assert(open.frame !== null, 'words stand in a message');
    return begun + this.#piece(open.frame, JSON.stringify(piece));
  }

  /** A part has its place in the message from its first word on. */
  #beginWords(open: Extract<OpenBlock, { kind: WordsKind }>, block: number): string {
    const added = this.#openMessage(block);
    const at = this.#message;
    assert(at !== null, 'a message is open');
    const part = wordsPart(open.kind, emptyText);
    open.at = at;
    at.open += 1;
    open.part = at.parts.push(part) - 1;
    const { event, more } = words[open.kind];
    const place = `,"content_index":${open.part}`;
    open.frame = frameOf(`${event}.delta`, at, `${place}${more}`);
    return added + this.#ofItem('response.content_part.added', at, `${place},"part":${part}`);
  }

  #openMessage(block: number): string {
    if (this.#message !== null) return '';
    const at = { ...this.#nextItem('msg', block), parts: [], open: 0 };
    this.#message = at;
    return this.#added(at, messageItem(at.id, 'in_progress', []));
  }

  #think(open: Extract<OpenBlock, { kind: 'thinking' }>, block: number, piece: string): string {
    if (!this.#frame.showThinking) return '';
    const begun = open.at === null ? this.#beginThinking(open, block) : '';
    assert(open.frame !== null, 'thinking stands in an item');
    return begun + this.#piece(open.frame, JSON.stringify(piece));
  }

  #beginThinking(open: Extract<OpenBlock, { kind: 'thinking' }>, block: number): string {
    const closed = this.#closeMessage();
    const at = this.#nextItem('rs', block);
    open.at = at;
    open.frame = frameOf('response.reasoning_summary_text.delta', at, ',"summary_index":0');
    const added = this.#added(at, reasoningItem(at.id, emptyText, null, this.#frame));
    const part = `,"summary_index":0,"part":${summaryPart(emptyText)}`;
    return closed + added + this.#ofItem('response.reasoning_summary_part.added', at, part);
  }

  #end(block: number, seal: Seal | null): string {
    const open = this.#opened(block);
    this.#blocks.delete(block);
    if (open.kind === 'call') return this.#endCall(open);
    return open.kind === 'thinking' ? this.#endThinking(open, block, seal) : this.#endWords(open);
  }

  #endCall({ call, text, at }: Extract<OpenBlock, { kind: 'call' }>): string {
    const given = givenTo(call, text);
    const item = callItem(call, 'completed', given);
    if (!call.isText) {
      const whole = `,"name":${call.name},"arguments":${given}`;
      return this.#ofItem('response.function_call_arguments.done', at, whole) + this.#done(at, item);
    }
    const frame = frameOf('response.custom_tool_call_input.delta', at, '');
    const delta = given === emptyText ? '' : this.#piece(frame, given);
    const done = this.#ofItem('response.custom_tool_call_input.done', at, `,"input":${given}`);
    return delta + done + this.#done(at, item);
  }

  #endWords({ kind, text, at, part: number }: Extract<OpenBlock, { kind: WordsKind }>): string {
    if (at === null) return '';
    at.open -= 1;
    const { event, member, more } = words[kind];
    const said = JSON.stringify(text);
    const part = wordsPart(kind, said);
    at.parts[number] = part;
    const content = `,"content_index":${number}`;
    return (
      this.#ofItem(`${event}.done`, at, `${content}${more},"${member}":${said}`) +
      this.#ofItem('response.content_part.done', at, `${content},"part":${part}`)
    );
  }

  #endThinking({ text, at }: Extract<OpenBlock, { kind: 'thinking' }>, block: number, seal: Seal | null): string {
    if (at === null) return seal === null ? '' : this.#redacted(block, seal);
    const said = JSON.stringify(text);
    const part = `,"summary_index":0,"part":${summaryPart(said)}`;
    return (
      this.#ofItem('response.reasoning_summary_text.done', at, `,"summary_index":0,"text":${said}`) +
      this.#ofItem('response.reasoning_summary_part.done', at, part) +
      this.#done(at, reasoningItem(at.id, said, seal, this.#frame))
    );
  }

  /** Reasoning that is a cipher alone. */
  #redacted(block: number, seal: Seal): string {
    return this.#frame.showThinking ? this.#closeMessage() + this.#sealed(block, seal) : '';
  }

  #sealed(block: number, seal: Seal): string {
    const at = this.#nextItem('rs', block);
    const empty = reasoningItem(at.id, emptyText, null, this.#frame);
    return this.#added(at, empty) + this.#done(at, reasoningItem(at.id, emptyText, seal, this.#frame));
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
    const id = itemId(prefix, this.#frame.requestId, block);
    return { index, id, place: `,"item_id":"${id}","output_index":${index}` };
  }

  #added({ index }: OpenItem, item: string): string {
    return this.#event('response.output_item.added', `,"output_index":${index},"item":${item}`);
  }

  #done({ index }: OpenItem, item: string): string {
    this.#output[index] = item;
    return this.#event('response.output_item.done', `,"output_index":${index},"item":${item}`);
  }

  /** @param piece JSON of the words. */
  #piece({ opening, members }: PieceFrame, piece: string): string {
    return this.#numbered(opening, `${members}${piece}`);
  }

  #ofItem(name: EventName, { place }: OpenItem, members: string): string {
    return this.#event(name, `${place}${members}`);
  }

  #event(name: EventName, members: string): string {
    return this.#numbered(openingOf(name), members);
  }

  #numbered(opening: string, members: string): string {
    const number = this.#events;
    this.#events += 1;
    return `${opening}${number}${members}}\n\n`;
  }
}

// What is joined is copied: texts that are added up would be gathered from their pieces anew with each event.

const openings = new Map<EventName, string>();

/** What an event begins with, up to its number; made once for each name. */
const openingOf = (name: EventName): string => {
  const made = openings.get(name) ?? ['event: ', name, '\ndata: {"type":"', name, '","sequence_number":'].join('');
  openings.set(name, made);
  return made;
};

const frameOf = (name: EventName, { place }: OpenItem, members: string): PieceFrame => ({
  opening: openingOf(name),
  members: [place, members, ',"delta":'].join(''),
});
