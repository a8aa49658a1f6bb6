import type { AnswerPart, Failure, Seal } from '../../../vocabulary/index.ts';
import { answerLengthMax } from '../../codec/answerLengthMax.ts';
import { PartCollector, type WordsKind } from '../../codec/PartCollector.ts';
import { protocolFailure } from '../../failure/classifyFailure.ts';
import { objectIn, textIn, textOf, type JsonObject } from '../../json/JsonObject.ts';
import { sealOf } from './sealOf.ts';

/** A block of the vendor's that is being read. */
type OpenBlock =
  | { readonly kind: 'text' }
  | { readonly kind: 'thinking'; signature: string }
  | { readonly kind: 'tool-call'; readonly block: number; readonly input: JsonObject; hasArguments: boolean }
  /** The vendor's own tools and doings. */
  | { readonly kind: 'other' };

/**
 * Reads the blocks of a message, as they are streamed or whole, into parts. Lenient: what a relay leaves out (the start of a text, the end of a block) is
 * made up for, and what only this vendor has is passed over. Text and thinking start with their first word, so that empty ones are never told of.
 */
export class BlockReader {
  readonly #parts = new PartCollector();
  readonly #open = new Map<number, OpenBlock>();
  /** The block that was started last where it is no call: it ends with the next start, and there is one at most. */
  #last: number | null = null;
  readonly #seal: (value: string) => Seal;
  /** How long the arguments of all calls are. */
  #length = 0;

  /** @param seal What a seal of these blocks is. */
  constructor(seal: (value: string) => Seal = sealOf) {
    this.#seal = seal;
  }

  /** Why no more can be read: what is too large to be kept by who writes it for a client. */
  get fault(): Failure | null {
    if (this.#length > answerLengthMax) return protocolFailure('answer_too_large', 'arguments too long');
    return this.#parts.fault;
  }

  /** The parts since the last time. */
  take(): readonly AnswerPart[] {
    return this.#parts.take();
  }

  /** @param content What the block holds at its start; the whole of it in a message that is not streamed. */
  start(index: number, content: JsonObject): void {
    if (this.#last !== null) this.end(this.#last);
    this.end(index);
    const opened = this.#openingOf(content);
    this.#open.set(index, opened);
    this.#last = opened.kind === 'tool-call' ? null : index;
  }

  delta(index: number, delta: JsonObject): void {
    switch (delta['type']) {
      case 'text_delta':
        return this.say(index, 'text', textOf(delta['text']));
      case 'thinking_delta':
        return this.say(index, 'thinking', textOf(delta['thinking']));
      case 'signature_delta':
        return this.sign(index, textOf(delta['signature']));
      case 'input_json_delta':
        return this.giveArguments(index, textOf(delta['partial_json']));
    }
  }

  /** Goes on with words. @param words Null: there are none. */
  say(index: number, kind: 'text' | 'thinking', words: string | null): void {
    if (words === null) return;
    const open = this.#open.get(index);
    if (open === undefined) this.start(index, { type: kind, [kind]: words });
    else if (open.kind === kind) this.#parts.say(kind, words);
  }

  /** The signature comes whole; a second one replaces the first, as in the vendor's SDK. */
  sign(index: number, signature: string | null): void {
    const open = this.#open.get(index);
    if (open?.kind === 'thinking' && signature !== null) open.signature = signature;
  }

  /** Goes on with the arguments of a call. @param piece Null: there is none. */
  giveArguments(index: number, piece: string | null): void {
    const open = this.#open.get(index);
    if (open?.kind !== 'tool-call' || piece === null) return;
    open.hasArguments = true;
    this.#length += piece.length;
    this.#parts.add({ type: 'tool-call-delta', block: open.block, arguments: piece });
  }

  end(index: number): void {
    const open = this.#open.get(index);
    this.#open.delete(index);
    if (open?.kind === 'tool-call') return this.#endCall(open);
    if (open?.kind === 'thinking' && open.signature !== '') {
      // Thinking that is not shown still has its seal.
      this.#parts.startWords('thinking');
      this.#parts.endWords(this.#seal(open.signature));
    } else if (open !== undefined) {
      this.#parts.endWords();
    }
  }

  /** A block that is here at once. */
  whole(index: number, content: JsonObject): void {
    this.start(index, content);
    this.end(index);
  }

  /** Ends all: the message has no more. @param explanation The vendor's own words why it does not answer, which stand beside the content. */
  endAll(explanation: string | null): void {
    for (const index of this.#open.keys()) this.end(index);
    if (explanation === null) return;
    this.#parts.say('refusal', explanation);
    this.#parts.endWords();
  }

  #openingOf(content: JsonObject): OpenBlock {
    switch (content['type']) {
      case 'text':
        return this.#openWords({ kind: 'text' }, textIn(content, 'text'));
      case 'thinking': {
        const signature = textIn(content, 'signature') ?? '';
        return this.#openWords({ kind: 'thinking', signature }, textIn(content, 'thinking'));
      }
      case 'redacted_thinking': {
        const data = textIn(content, 'data');
        if (data !== null) this.#parts.redacted(this.#seal(data));
        return { kind: 'other' };
      }
      case 'tool_use':
        return this.#openCall(content, textIn(content, 'name'));
      default:
        return { kind: 'other' };
    }
  }

  #openWords(open: OpenBlock & { readonly kind: WordsKind }, words: string | null): OpenBlock {
    if (words !== null) this.#parts.say(open.kind, words);
    return open;
  }

  /** The arguments may be whole in the start, as in a message that is not streamed; mostly they are empty there and follow in pieces. */
  #openCall(content: JsonObject, name: string | null): OpenBlock {
    if (name === null) return { kind: 'other' };
    const block = this.#parts.startCall(textIn(content, 'id') ?? '', name);
    return { kind: 'tool-call', block, input: objectIn(content, 'input') ?? {}, hasArguments: false };
  }

  #endCall({ block, input, hasArguments }: OpenBlock & { readonly kind: 'tool-call' }): void {
    if (!hasArguments) this.#parts.add({ type: 'tool-call-delta', block, arguments: JSON.stringify(input) });
    this.#parts.add({ type: 'tool-call-end', block });
  }
}
