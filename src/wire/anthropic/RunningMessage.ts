import { countOf, objectIn, textIn, textOf, type JsonObject } from '../json/JsonObject.ts';
import type { AnswerFrame } from '../codec/Codec.ts';
import {
  followedLengthMax,
  type AnswerFollower,
  type ResumedStream,
  type RunningAnswer,
} from '../seam/RunningAnswer.ts';
import { MessageEncoder } from './codec/MessageEncoder.ts';

const thinking: ReadonlySet<string> = new Set(['thinking', 'redacted_thinking']);
const thoughtDeltas: ReadonlySet<string> = new Set(['thinking_delta', 'signature_delta']);

/** Follows the events of a message that go to the client as they are. Blocks and deltas that are neither words nor thinking bar it. */
export class RunningMessage implements AnswerFollower, RunningAnswer {
  readonly isUntouched = true;
  #text = '';
  #openIndex: number | null = null;
  #nextIndex = 0;
  /** The latest block is one of words. */
  #standsInWords = false;
  #isBarred = false;

  get text(): string {
    return this.#text;
  }

  get running(): RunningAnswer | null {
    return this.#isBarred || !this.#standsInWords || this.#text === '' ? null : this;
  }

  resume(frame: AnswerFrame): ResumedStream {
    const openIndex = this.#openIndex;
    const encoder = new MessageEncoder(frame, { openIndex, nextIndex: this.#nextIndex });
    return openIndex === null ? { encoder, open: null, next: 0 } : { encoder, open: 0, next: 1 };
  }

  read(type: string, body: JsonObject): void {
    if (this.#isBarred) return;
    switch (type) {
      case 'content_block_start':
        return this.#start(countOf(body['index']), objectIn(body, 'content_block'));
      case 'content_block_delta':
        return this.#go(countOf(body['index']), objectIn(body, 'delta'));
      case 'content_block_stop':
        this.#openIndex = null;
        return;
      case 'message_delta':
        this.#isBarred = true;
        return;
      default:
        return;
    }
  }

  #start(index: number | null, block: JsonObject | null): void {
    const kind = textIn(block, 'type') ?? '';
    if (index !== this.#nextIndex || (kind !== 'text' && !thinking.has(kind))) {
      this.#isBarred = true;
      return;
    }
    this.#nextIndex += 1;
    this.#standsInWords = kind === 'text';
    this.#openIndex = kind === 'text' ? index : null;
    if (kind === 'text') this.#say(textOf(block?.['text']) ?? '');
  }

  #go(index: number | null, delta: JsonObject | null): void {
    const kind = textIn(delta, 'type') ?? '';
    if (kind === 'text_delta' && index !== null && index === this.#openIndex) {
      this.#say(textOf(delta?.['text']) ?? '');
    } else if (!thoughtDeltas.has(kind)) this.#isBarred = true;
  }

  #say(text: string): void {
    this.#text += text;
    if (this.#text.length <= followedLengthMax) return;
    this.#isBarred = true;
    this.#text = '';
  }
}
