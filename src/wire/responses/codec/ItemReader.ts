import type { AnswerPart, Failure } from '../../../vocabulary/index.ts';
import { answerLengthMax } from '../../codec/answerLengthMax.ts';
import { PartCollector, type WordsKind } from '../../codec/PartCollector.ts';
import { protocolFailure } from '../../failure/classifyFailure.ts';
import { countIn, isJsonObject, listIn, objectIn, textIn, type JsonObject } from '../../json/JsonObject.ts';
import { CallReader, type Call } from './CallReader.ts';
import { betweenSummaries, thinkingIn } from './readThinking.ts';
import { sealOf } from './sealOf.ts';

/** What is known of one item of the output. */
interface Item {
  /** What it is; null for what the vendor's own tools do, which is passed over. */
  readonly kind: 'message' | 'reasoning' | 'call' | null;
  readonly call: Call | null;
  /** What its contents have said, by their numbers, until it is told whole for the last time. */
  readonly said: Map<number, string>;
  /** Where its thinking comes from, since a summary and the thinking itself may both be told; and which summary is being said. */
  source: 'summary' | 'content' | null;
  summary: number;
  done: boolean;
}

const kinds: ReadonlyMap<string, Item['kind']> = new Map([
  ['message', 'message'],
  ['reasoning', 'reasoning'],
  ['function_call', 'call'],
  ['custom_tool_call', 'call'],
]);

/**
 * Reads the items of an answer into parts, by the events of a stream or whole. Items are known by their place in the output: relays exist that give each event
 * another id. Of what is told by deltas and once more whole, the deltas hold, and what the whole has beyond them.
 */
export class ItemReader {
  readonly #parts = new PartCollector();
  readonly #calls: CallReader;
  readonly #items = new Map<number, Item>();
  readonly #places = new Map<string, number>();
  #last = 0;
  /** The content that is being said: words of another one are another block. */
  #saying = '';
  /** How long all words are. */
  #length = 0;
  #fault: Failure | null = null;

  /** @param answer The id of the answer. */
  constructor(answer: string) {
    this.#calls = new CallReader(this.#parts, answer);
  }

  /** The first thing that cannot be read. */
  get fault(): Failure | null {
    return this.#fault ?? this.#calls.fault ?? this.#parts.fault;
  }

  /** Whether the answer has called tools. */
  get hasCalls(): boolean {
    return this.#calls.any;
  }

  /** Whether a call of the answer was cut off. */
  get hasCutCalls(): boolean {
    return this.#calls.anyCut;
  }

  get isEmpty(): boolean {
    return this.#items.size === 0;
  }

  /** The parts since the last time. */
  take(): readonly AnswerPart[] {
    return this.#parts.take();
  }

  /** Reads an event of a stream; what is none of an item is passed over. */
  read(type: string, body: JsonObject): void {
    switch (type) {
      case 'response.output_item.added':
        this.#place(this.#indexOf(body), objectIn(body, 'item') ?? {});
        return;
      case 'response.output_item.done':
        return this.whole(this.#indexOf(body), objectIn(body, 'item') ?? {});
      case 'response.output_text.delta':
        return this.#sayPiece(body, 'text', 'delta');
      case 'response.refusal.delta':
        return this.#sayPiece(body, 'refusal', 'delta');
      case 'response.output_text.done':
        return this.#sayPiece(body, 'text', 'text');
      case 'response.refusal.done':
        return this.#sayPiece(body, 'refusal', 'refusal');
      case 'response.reasoning_summary_text.delta':
        return this.#thinkPiece(body, 'summary', 'delta');
      case 'response.reasoning_text.delta':
        return this.#thinkPiece(body, 'content', 'delta');
      case 'response.reasoning_summary_text.done':
        return this.#thinkPiece(body, 'summary', 'text');
      case 'response.reasoning_text.done':
        return this.#thinkPiece(body, 'content', 'text');
      case 'response.function_call_arguments.delta':
      case 'response.custom_tool_call_input.delta':
        return this.#write(body, textIn(body, 'delta') ?? '');
      case 'response.function_call_arguments.done':
        return this.#settle(body, textIn(body, 'arguments') ?? '');
      case 'response.custom_tool_call_input.done':
        return this.#settle(body, textIn(body, 'input') ?? '');
    }
  }

  /** Takes an item as it is told at its end. */
  whole(index: number, told: JsonObject): void {
    const item = this.#items.get(index) ?? this.#add(index, told);
    if (item.done) return;
    if (item.call !== null) this.#calls.close(item.call, told);
    else if (item.kind === 'message') this.#closeMessage(index, item, told);
    else if (item.kind === 'reasoning') this.#closeReasoning(index, item, told);
    item.done = true;
    item.said.clear();
  }

  /** Ends every block: the answer is over. @param isCut Whether it was cut off. */
  end(isCut: boolean): void {
    for (const { call } of this.#items.values()) if (call !== null) this.#calls.finish(call, isCut);
    this.#parts.endWords();
  }

  /** Its id is kept beside its place: relays exist that tell the place of an item, but not that of its pieces. */
  #place(index: number, told: JsonObject): void {
    const id = textIn(told, 'id');
    if (id !== null) this.#places.set(id, index);
    this.#add(index, told);
  }

  #add(index: number, told: JsonObject): Item {
    const known = this.#items.get(index);
    if (known !== undefined) return known;
    const kind = kinds.get(textIn(told, 'type') ?? '') ?? null;
    return this.#keep(index, kind, kind === 'call' ? this.#calls.open(told) : null);
  }

  #keep(index: number, kind: Item['kind'], call: Call | null): Item {
    const item: Item = { kind, call, said: new Map(), source: null, summary: 0, done: false };
    this.#items.set(index, item);
    return item;
  }

  /** The place of an item: as the event says, else where its id was first seen, else that of the item before. */
  #indexOf(body: JsonObject): number {
    this.#last = countIn(body, 'output_index') ?? this.#placeOf(body);
    return this.#last;
  }

  /** Where no place is told, ids stay the same. */
  #placeOf(body: JsonObject): number {
    const id = textIn(body, 'item_id') ?? textIn(objectIn(body, 'item'), 'id');
    if (id === null) return this.#last;
    const place = this.#places.get(id) ?? this.#items.size;
    this.#places.set(id, place);
    return place;
  }

  #sayPiece(body: JsonObject, kind: WordsKind, member: string): void {
    const index = this.#indexOf(body);
    const item = this.#items.get(index) ?? this.#keep(index, 'message', null);
    const number = countIn(body, 'content_index') ?? 0;
    const text = textIn(body, member) ?? '';
    this.#say(index, item, number, kind, member === 'delta' ? text : restOf(item, number, text));
  }

  #say(index: number, item: Item, number: number, kind: WordsKind, text: string): void {
    if (text === '' || item.done) return;
    item.said.set(number, (item.said.get(number) ?? '') + text);
    this.#put(`${index}.${number}`, kind, text);
  }

  /** Words are kept to be held against their whole, so they have a bound. */
  #put(content: string, kind: WordsKind, text: string): void {
    this.#length += text.length;
    if (this.#length > answerLengthMax) {
      this.#fault ??= protocolFailure('answer_too_large', 'text too long');
      return;
    }
    this.#open(content);
    this.#parts.say(kind, text);
  }

  #open(content: string): void {
    if (this.#saying !== content) this.#parts.endWords();
    this.#saying = content;
  }

  #thinkPiece(body: JsonObject, source: 'summary' | 'content', member: string): void {
    const index = this.#indexOf(body);
    const item = this.#items.get(index) ?? this.#keep(index, 'reasoning', null);
    const number = countIn(body, source === 'summary' ? 'summary_index' : 'content_index') ?? 0;
    if (item.done || (item.source ?? source) !== source) return;
    const told = textIn(body, member) ?? '';
    const text = member === 'delta' ? told : restOf(item, number, told);
    if (text === '') return;
    const isNext = item.source !== null && number !== item.summary && source === 'summary';
    item.source = source;
    item.summary = number;
    item.said.set(number, (item.said.get(number) ?? '') + text);
    this.#put(String(index), 'thinking', isNext ? `${betweenSummaries}${text}` : text);
  }

  #write(body: JsonObject, piece: string): void {
    const call = this.#callAt(body);
    if (call !== null) this.#calls.write(call, piece);
  }

  #settle(body: JsonObject, whole: string): void {
    const call = this.#callAt(body);
    if (call !== null) this.#calls.settle(call, whole);
  }

  /** Arguments may come before the item is told. */
  #callAt(body: JsonObject): Call | null {
    const index = this.#indexOf(body);
    const item = this.#items.get(index) ?? this.#keep(index, 'call', this.#calls.open({ type: 'function_call' }));
    return item.call;
  }

  #closeMessage(index: number, item: Item, told: JsonObject): void {
    for (const [number, part] of listIn(told, 'content').entries()) {
      if (!isJsonObject(part)) continue;
      const refusal = textIn(part, 'refusal');
      const rest = restOf(item, number, refusal ?? textIn(part, 'text') ?? '');
      this.#say(index, item, number, refusal === null ? 'text' : 'refusal', rest);
    }
    if (this.#saying.startsWith(`${index}.`)) this.#parts.endWords();
  }

  /** The cipher is over all of the thinking, and in its first telling it may not be whole. */
  #closeReasoning(index: number, item: Item, told: JsonObject): void {
    const seal = sealOf(told);
    if (item.source === null) {
      for (const part of thinkingIn(told)) {
        if (part.type === 'thinking') this.#put(String(index), 'thinking', part.text);
      }
    }
    const isOpen = this.#parts.openKind === 'thinking' && this.#saying === String(index);
    if (isOpen) this.#parts.endWords(seal);
    else if (seal !== null) this.#parts.redacted(seal);
  }
}

/** What a content has beyond what it has said; nothing where it is told otherwise than it was said. */
const restOf = ({ said }: Item, number: number, whole: string): string => {
  const begun = said.get(number) ?? '';
  return whole.length > begun.length && whole.startsWith(begun) ? whole.slice(begun.length) : '';
};
