import type { AnswerPart } from '../../vocabulary/index.ts';

const none: readonly AnswerPart[] = [];

/**
 * Renumbers the parts of an answer that are the rest of another: its first words go on with the block that is open, its other blocks follow those that are there.
 * What it thought before is left out, and so are seals, which are about the answer that it believes to have written.
 */
export class ContinuedBlocks {
  /** Number of the block that the client sees as open. */
  #open: number | null;
  #next: number;
  /** The client's numbers of blocks, by those that they have here. */
  readonly #numbers = new Map<number, number>();

  constructor(open: number | null, next: number) {
    this.#open = open;
    this.#next = next;
  }

  map(part: AnswerPart): readonly AnswerPart[] {
    switch (part.type) {
      case 'answer-start':
      case 'thinking-start':
      case 'thinking-delta':
      case 'thinking-end':
      case 'redacted-thinking':
        return none;
      case 'text-start':
        return this.#open === null ? [this.#start(part)] : this.#join(part.block, this.#open);
      case 'refusal-start':
        return [...this.#endOpen(), this.#start(part)];
      case 'tool-call-start': {
        const { seal: _seal, ...call } = part;
        return [...this.#endOpen(), this.#start(call)];
      }
      case 'text-delta':
      case 'refusal-delta':
      case 'refusal-end':
      case 'tool-call-delta':
        return [{ ...part, block: this.#numberOf(part.block) }];
      case 'text-end':
      case 'tool-call-end':
        return [{ type: part.type, block: this.#numberOf(part.block) }];
      case 'finish':
        return [...this.#endOpen(), part];
      case 'usage':
      case 'answer-end':
        return [part];
    }
  }

  #start<Part extends Extract<AnswerPart, { readonly block: number }>>(part: Part): Part {
    const block = this.#next;
    this.#next += 1;
    this.#numbers.set(part.block, block);
    return { ...part, block };
  }

  #join(block: number, open: number): readonly AnswerPart[] {
    this.#numbers.set(block, open);
    this.#open = null;
    return none;
  }

  /** What was open ends with the start of something else. */
  #endOpen(): readonly AnswerPart[] {
    const open = this.#open;
    this.#open = null;
    return open === null ? none : [{ type: 'text-end', block: open }];
  }

  #numberOf(block: number): number {
    return this.#numbers.get(block) ?? block;
  }
}
