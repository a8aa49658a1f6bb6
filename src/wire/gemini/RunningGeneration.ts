import { countOf, isJsonObject, listOf, objectOf, textIn, textOf, type JsonObject } from '../json/JsonObject.ts';
import type { AnswerFrame } from '../codec/Codec.ts';
import {
  followedLengthMax,
  type AnswerFollower,
  type ResumedStream,
  type RunningAnswer,
} from '../seam/RunningAnswer.ts';
import { GenerateEncoder } from './codec/GenerateEncoder.ts';

/** Follows the chunks of an answer that go to the client as they are. Parts that are neither words nor thinking bar it. */
export class RunningGeneration implements AnswerFollower, RunningAnswer {
  readonly isUntouched = true;
  #text = '';
  #standsInWords = false;
  #isBarred = false;
  #head: { readonly id: string; readonly model: string } | null = null;

  get text(): string {
    return this.#text;
  }

  get running(): RunningAnswer | null {
    return this.#isBarred || !this.#standsInWords ? null : this;
  }

  resume(frame: AnswerFrame): ResumedStream {
    const { id = '', model = '' } = this.#head ?? {};
    const encoder = new GenerateEncoder(frame);
    encoder.encode([
      { type: 'answer-start', id, model },
      { type: 'text-start', block: 0 },
    ]);
    return { encoder, open: 0, next: 1 };
  }

  read(chunk: JsonObject): void {
    if (this.#isBarred) return;
    this.#head ??= { id: textIn(chunk, 'responseId') ?? '', model: textIn(chunk, 'modelVersion') ?? '' };
    const candidates = listOf(chunk['candidates']);
    const [candidate] = candidates;
    if (candidate === undefined) return;
    if (candidates.length > 1 || !isJsonObject(candidate) || (countOf(candidate['index']) ?? 0) !== 0) {
      this.#isBarred = true;
      return;
    }
    if (textOf(candidate['finishReason']) !== null) this.#isBarred = true;
    for (const part of listOf(objectOf(candidate['content'])?.['parts'])) if (isJsonObject(part)) this.#readPart(part);
  }

  #readPart(part: JsonObject): void {
    const { text } = part;
    if (typeof text === 'string') {
      if (text === '') return;
      this.#standsInWords = part['thought'] !== true;
      if (this.#standsInWords) this.#say(text);
    } else if (Object.keys(part).some((name) => name !== 'thoughtSignature' && name !== 'thought')) {
      this.#isBarred = true;
    }
  }

  #say(text: string): void {
    this.#text += text;
    if (this.#text.length <= followedLengthMax) return;
    this.#isBarred = true;
    this.#text = '';
  }
}
