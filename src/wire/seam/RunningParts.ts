import type { AnswerPart } from '../../vocabulary/index.ts';
import type { StreamEncoder } from '../codec/Codec.ts';
import { followedLengthMax, type AnswerFollower, type ResumedStream, type RunningAnswer } from './RunningAnswer.ts';

/** Follows the parts of an answer that are written for the client. */
export class RunningParts implements AnswerFollower, RunningAnswer {
  readonly isUntouched: boolean;
  readonly #encoder: StreamEncoder;
  #text: string;
  #open: number | null;
  #next: number;
  #standsInWords: boolean;
  #isBarred = false;

  /** @param begun What was written before, where it is gone on with. */
  constructor(
    encoder: StreamEncoder,
    begun: Pick<RunningAnswer, 'text' | 'isUntouched'> & Omit<ResumedStream, 'encoder'> = {
      text: '',
      isUntouched: false,
      open: null,
      next: 0,
    },
  ) {
    this.#encoder = encoder;
    this.isUntouched = begun.isUntouched;
    this.#text = begun.text;
    this.#open = begun.open;
    this.#next = begun.next;
    this.#standsInWords = begun.text !== '';
  }

  get text(): string {
    return this.#text;
  }

  get running(): RunningAnswer | null {
    return this.#isBarred || !this.#standsInWords ? null : this;
  }

  resume(): ResumedStream {
    return { encoder: this.#encoder, open: this.#open, next: this.#next };
  }

  /** Nobody may go on with it any more. */
  bar(): void {
    this.#isBarred = true;
  }

  read(parts: readonly AnswerPart[]): void {
    for (const part of parts) this.#read(part);
  }

  #read(part: AnswerPart): void {
    if ('block' in part) this.#next = Math.max(this.#next, part.block + 1);
    switch (part.type) {
      case 'text-start':
        this.#open = part.block;
        break;
      case 'text-delta':
        this.#say(part.text);
        break;
      case 'text-end':
        this.#open = null;
        break;
      case 'thinking-start':
      case 'thinking-delta':
      case 'redacted-thinking':
        this.#standsInWords = false;
        break;
      case 'refusal-start':
      case 'tool-call-start':
      case 'finish':
        this.bar();
        break;
      case 'answer-start':
      case 'answer-end':
      case 'thinking-end':
      case 'refusal-delta':
      case 'refusal-end':
      case 'tool-call-delta':
      case 'tool-call-end':
      case 'usage':
        break;
    }
  }

  #say(text: string): void {
    this.#standsInWords = true;
    if (this.#isBarred) return;
    this.#text += text;
    if (this.#text.length <= followedLengthMax) return;
    this.bar();
    this.#text = '';
  }
}
