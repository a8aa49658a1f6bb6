import type { AnswerPart, Failure, Seal } from '../../vocabulary/index.ts';
import { callsMax, tooManyCalls } from './callsMax.ts';

/** Kinds of blocks that hold words. */
export type WordsKind = 'text' | 'thinking' | 'refusal';

/** Written out: a name that is put together at each word is compared letter by letter wherever the part goes. */
const types = {
  text: { start: 'text-start', delta: 'text-delta', end: 'text-end' },
  thinking: { start: 'thinking-start', delta: 'thinking-delta', end: 'thinking-end' },
  refusal: { start: 'refusal-start', delta: 'refusal-delta', end: 'refusal-end' },
} as const;

const nothing: AnswerPart[] = [];

/** Collects the parts of an answer as they are read: numbers its blocks, and ends a block of words when another block starts. */
export class PartCollector {
  #parts: AnswerPart[] = nothing;
  #blocks = 0;
  #calls = 0;
  #kind: WordsKind | null = null;

  /** Why no more can be collected, once there are too many calls. */
  get fault(): Failure | null {
    return this.#calls > callsMax ? tooManyCalls() : null;
  }

  /** The kind of the block of words that is open. */
  get openKind(): WordsKind | null {
    return this.#kind;
  }

  /** The parts since the last time. */
  take(): readonly AnswerPart[] {
    const parts = this.#parts;
    if (parts.length > 0) this.#parts = nothing;
    return parts;
  }

  add(part: AnswerPart): void {
    // Mostly there is one: a list that grows by one part has room for seventeen.
    if (this.#parts.length === 0) this.#parts = [part];
    else this.#parts.push(part);
  }

  say(kind: WordsKind, text: string): void {
    this.startWords(kind);
    this.add({ type: types[kind].delta, block: this.#blocks - 1, text });
  }

  startWords(kind: WordsKind): void {
    if (this.#kind === kind) return;
    this.endWords();
    this.add({ type: types[kind].start, block: this.#nextBlock() });
    this.#kind = kind;
  }

  /** Ends the open block of words, if there is one. @param seal Over a block of text or thinking. */
  endWords(seal: Seal | null = null): void {
    const kind = this.#kind;
    if (kind === null) return;
    const block = this.#blocks - 1;
    if (kind === 'thinking') this.add({ type: 'thinking-end', block, seal });
    else if (kind === 'text' && seal !== null) this.add({ type: 'text-end', block, seal });
    else this.add({ type: types[kind].end, block });
    this.#kind = null;
  }

  redacted(seal: Seal): void {
    this.endWords();
    this.add({ type: 'redacted-thinking', block: this.#nextBlock(), seal });
  }

  /** @param seal On the call, where it is known by now. @returns The number of the call's block. */
  startCall(id: string, name: string, seal: Seal | null = null): number {
    this.endWords();
    this.#calls += 1;
    const block = this.#nextBlock();
    this.add({ type: 'tool-call-start', block, id, name, ...(seal === null ? {} : { seal }) });
    return block;
  }

  #nextBlock(): number {
    this.#blocks += 1;
    return this.#blocks - 1;
  }
}
