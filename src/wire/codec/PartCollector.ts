import type { AnswerPart, Failure, Seal } from '../../vocabulary/index.ts';
import { callsMax, tooManyCalls } from './callsMax.ts';

/** Kinds of blocks that hold words. */
export type WordsKind = 'text' | 'thinking' | 'refusal';

/** Collects the parts of an answer as they are read: numbers its blocks, and ends a block of words when another block starts. */
export class PartCollector {
  #parts: AnswerPart[] = [];
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
    this.#parts = [];
    return parts;
  }

  add(part: AnswerPart): void {
    this.#parts.push(part);
  }

  say(kind: WordsKind, text: string): void {
    this.startWords(kind);
    this.#parts.push({ type: `${kind}-delta`, block: this.#blocks - 1, text });
  }

  startWords(kind: WordsKind): void {
    if (this.#kind === kind) return;
    this.endWords();
    this.#parts.push({ type: `${kind}-start`, block: this.#nextBlock() });
    this.#kind = kind;
  }

  /** Ends the open block of words, if there is one. @param seal Over a block of text or thinking. */
  endWords(seal: Seal | null = null): void {
    const kind = this.#kind;
    if (kind === null) return;
    const block = this.#blocks - 1;
    if (kind === 'thinking') this.#parts.push({ type: 'thinking-end', block, seal });
    else if (kind === 'text' && seal !== null) this.#parts.push({ type: 'text-end', block, seal });
    else this.#parts.push({ type: `${kind}-end`, block });
    this.#kind = null;
  }

  redacted(seal: Seal): void {
    this.endWords();
    this.#parts.push({ type: 'redacted-thinking', block: this.#nextBlock(), seal });
  }

  /** @param seal On the call, where it is known by now. @returns The number of the call's block. */
  startCall(id: string, name: string, seal: Seal | null = null): number {
    this.endWords();
    this.#calls += 1;
    const block = this.#nextBlock();
    this.#parts.push({ type: 'tool-call-start', block, id, name, ...(seal === null ? {} : { seal }) });
    return block;
  }

  #nextBlock(): number {
    this.#blocks += 1;
    return this.#blocks - 1;
  }
}
