import { assert } from '../../kernel/index.ts';
import type { AnswerPart } from '../../vocabulary/index.ts';

type BlockKind = 'text' | 'thinking' | 'refusal' | 'tool-call';

/** Holds the parts of an answer to their grammar (`AnswerPart`): what breaks it is a mistake of the decoder, and throws. */
export class PartGrammar {
  /** Kinds of the open blocks, by number. */
  readonly #open = new Map<number, BlockKind>();
  #blocks = 0;
  #state: 'before' | 'open' | 'finished' | 'ended' = 'before';

  check(part: AnswerPart): void {
    switch (part.type) {
      case 'answer-start':
        assert(this.#state === 'before', 'an answer starts once');
        this.#state = 'open';
        break;
      case 'text-delta':
      case 'thinking-delta':
      case 'refusal-delta':
      case 'tool-call-delta':
        this.#goOn(part.block, kindOf[part.type]);
        break;
      case 'text-start':
      case 'thinking-start':
      case 'refusal-start':
      case 'tool-call-start':
        this.#start(part.block);
        this.#open.set(part.block, kindOf[part.type]);
        break;
      case 'redacted-thinking':
        this.#start(part.block);
        break;
      case 'text-end':
      case 'thinking-end':
      case 'refusal-end':
      case 'tool-call-end':
        this.#goOn(part.block, kindOf[part.type]);
        this.#open.delete(part.block);
        break;
      case 'usage':
        assert(this.#state !== 'ended', 'usage stands within the answer');
        break;
      case 'finish':
        assert(this.#state === 'open', 'an answer finishes once, and after its start');
        assert(this.#open.size === 0, 'an answer finishes after its blocks');
        this.#state = 'finished';
        break;
      case 'answer-end':
        assert(this.#state === 'finished', 'an answer ends once, and after its finish');
        this.#state = 'ended';
        break;
    }
  }

  #start(block: number): void {
    assert(this.#state === 'open', 'a block starts between the start and the finish');
    assert(block === this.#blocks, 'blocks are numbered in the order in which they start');
    this.#blocks += 1;
  }

  #goOn(block: number, kind: BlockKind): void {
    assert(this.#open.get(block) === kind, 'a block goes on after its start and before its end');
  }
}

const kindOf = {
  'text-start': 'text',
  'text-delta': 'text',
  'text-end': 'text',
  'thinking-start': 'thinking',
  'thinking-delta': 'thinking',
  'thinking-end': 'thinking',
  'refusal-start': 'refusal',
  'refusal-delta': 'refusal',
  'refusal-end': 'refusal',
  'tool-call-start': 'tool-call',
  'tool-call-delta': 'tool-call',
  'tool-call-end': 'tool-call',
} as const;
