import type { AnswerPart, Seal } from '../../../vocabulary/index.ts';
import { objectIn, textIn, type JsonObject } from '../../json/JsonObject.ts';
import { ownSeal } from './ownSeal.ts';

/** A block of the vendor's that is being written. Text and thinking get a number with their first word, so that empty ones are never told of. */
type OpenBlock =
  | { readonly kind: 'text'; block: number | null }
  | { readonly kind: 'thinking'; block: number | null; signature: string }
  | { readonly kind: 'tool-call'; readonly block: number; readonly input: JsonObject; hasArguments: boolean }
  /** The vendor's own tools and doings. */
  | { readonly kind: 'other' };

/**
 * The blocks of a streamed message, turned into parts. Lenient: what a relay leaves out (the start of a text, the end of a block) is made up for, and
 * what only this vendor has is passed over.
 */
export class AnswerBlocks {
  readonly #open = new Map<number, OpenBlock>();
  #count = 0;

  start(index: number, content: JsonObject): readonly AnswerPart[] {
    const ended = [...this.#open].flatMap(([other, { kind }]) =>
      other === index || kind !== 'tool-call' ? this.end(other) : [],
    );
    const [block, ...started] = this.#openingOf(content);
    this.#open.set(index, block);
    return [...ended, ...started];
  }

  delta(index: number, delta: JsonObject): readonly AnswerPart[] {
    switch (delta['type']) {
      case 'text_delta':
        return this.#text(index, textIn(delta, 'text'));
      case 'thinking_delta':
        return this.#thinking(index, textIn(delta, 'thinking'));
      case 'signature_delta':
        return this.#signature(index, textIn(delta, 'signature'));
      case 'input_json_delta':
        return this.#arguments(index, textIn(delta, 'partial_json'));
      default:
        return [];
    }
  }

  end(index: number): readonly AnswerPart[] {
    const open = this.#open.get(index);
    this.#open.delete(index);
    switch (open?.kind) {
      case 'text':
        return open.block === null ? [] : [{ type: 'text-end', block: open.block }];
      case 'thinking':
        return this.#endThinking(open.block, open.signature === '' ? null : ownSeal(open.signature));
      case 'tool-call':
        return endCall(open);
      case 'other':
      case undefined:
        return [];
    }
  }

  endAll(): readonly AnswerPart[] {
    return [...this.#open.keys()].flatMap((index) => this.end(index));
  }

  /** The vendor's own words why it does not answer, which stand beside the content. */
  refusal(explanation: string): readonly AnswerPart[] {
    const block = this.#next();
    return [
      { type: 'refusal-start', block },
      { type: 'refusal-delta', block, text: explanation },
      { type: 'refusal-end', block },
    ];
  }

  #openingOf(content: JsonObject): readonly [OpenBlock, ...AnswerPart[]] {
    switch (content['type']) {
      case 'text':
        return this.#openText(textIn(content, 'text'));
      case 'thinking':
        return this.#openThinking(textIn(content, 'thinking'), textIn(content, 'signature') ?? '');
      case 'redacted_thinking': {
        const data = textIn(content, 'data');
        if (data === null) return [{ kind: 'other' }];
        return [{ kind: 'other' }, { type: 'redacted-thinking', block: this.#next(), seal: ownSeal(data) }];
      }
      case 'tool_use':
        return this.#openCall(content);
      default:
        return [{ kind: 'other' }];
    }
  }

  #openText(text: string | null): readonly [OpenBlock, ...AnswerPart[]] {
    if (text === null) return [{ kind: 'text', block: null }];
    const block = this.#next();
    return [
      { kind: 'text', block },
      { type: 'text-start', block },
      { type: 'text-delta', block, text },
    ];
  }

  #openThinking(text: string | null, signature: string): readonly [OpenBlock, ...AnswerPart[]] {
    if (text === null) return [{ kind: 'thinking', block: null, signature }];
    const block = this.#next();
    return [
      { kind: 'thinking', block, signature },
      { type: 'thinking-start', block },
      { type: 'thinking-delta', block, text },
    ];
  }

  /** A relay may give the arguments whole, in the start; mostly they are empty there and follow in pieces. */
  #openCall(content: JsonObject): readonly [OpenBlock, ...AnswerPart[]] {
    const name = textIn(content, 'name');
    if (name === null) return [{ kind: 'other' }];
    const block = this.#next();
    return [
      { kind: 'tool-call', block, input: objectIn(content, 'input') ?? {}, hasArguments: false },
      { type: 'tool-call-start', block, id: textIn(content, 'id') ?? '', name },
    ];
  }

  #text(index: number, text: string | null): readonly AnswerPart[] {
    if (text === null) return [];
    const open = this.#open.get(index);
    if (open === undefined) return this.start(index, { type: 'text', text });
    if (open.kind !== 'text') return [];
    if (open.block !== null) return [{ type: 'text-delta', block: open.block, text }];
    open.block = this.#next();
    return [
      { type: 'text-start', block: open.block },
      { type: 'text-delta', block: open.block, text },
    ];
  }

  #thinking(index: number, text: string | null): readonly AnswerPart[] {
    if (text === null) return [];
    const open = this.#open.get(index);
    if (open === undefined) return this.start(index, { type: 'thinking', thinking: text });
    if (open.kind !== 'thinking') return [];
    if (open.block !== null) return [{ type: 'thinking-delta', block: open.block, text }];
    open.block = this.#next();
    return [
      { type: 'thinking-start', block: open.block },
      { type: 'thinking-delta', block: open.block, text },
    ];
  }

  /** The signature comes whole; a second one replaces the first, as in the vendor's SDK. */
  #signature(index: number, signature: string | null): readonly AnswerPart[] {
    const open = this.#open.get(index);
    if (open?.kind === 'thinking' && signature !== null) open.signature = signature;
    return [];
  }

  #arguments(index: number, piece: string | null): readonly AnswerPart[] {
    const open = this.#open.get(index);
    if (open?.kind !== 'tool-call' || piece === null) return [];
    open.hasArguments = true;
    return [{ type: 'tool-call-delta', block: open.block, arguments: piece }];
  }

  /** Thinking that is not shown still has its seal; with neither words nor seal there was none. */
  #endThinking(block: number | null, seal: Seal | null): readonly AnswerPart[] {
    if (block !== null) return [{ type: 'thinking-end', block, seal }];
    if (seal === null) return [];
    const hidden = this.#next();
    return [
      { type: 'thinking-start', block: hidden },
      { type: 'thinking-end', block: hidden, seal },
    ];
  }

  #next(): number {
    this.#count += 1;
    return this.#count - 1;
  }
}

const endCall = (open: OpenBlock & { kind: 'tool-call' }): readonly AnswerPart[] => {
  const end: AnswerPart = { type: 'tool-call-end', block: open.block };
  if (open.hasArguments) return [end];
  return [{ type: 'tool-call-delta', block: open.block, arguments: JSON.stringify(open.input) }, end];
};
