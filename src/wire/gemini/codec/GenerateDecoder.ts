import type { AnswerPart, Finish } from '../../../vocabulary/index.ts';
import type { DecodedStep, StreamDecoder } from '../../codec/Codec.ts';
import { decodedStep } from '../../codec/decodedStep.ts';
import { countOf, isJsonObject, listOf, textIn, textOf, type JsonObject } from '../../json/JsonObject.ts';
import type { SseEvent } from '../../sse/SseReader.ts';
import type { StreamState, StreamStep } from '../../wire.ts';
import { chunkIn, GenerateStream } from '../GenerateStream.ts';
import { blockReasonOf } from '../readAnswer.ts';
import { explanationOfBlock } from './decodeAnswer.ts';
import { blockedFinish, explanationIn, finishOf } from './finishReasons.ts';
import { PartReader } from './PartReader.ts';

const none: readonly AnswerPart[] = [];

/**
 * Reads the chunks of a streamed answer into parts. What each event means for the stream is `GenerateStream`'s to say. Usage and finish wait for the end of
 * the stream: nothing marks the last chunk, and each tells the usage anew.
 */
export class GenerateDecoder implements StreamDecoder {
  readonly #stream = new GenerateStream();
  readonly #reader = new PartReader();
  #started = false;
  #finish: Finish | null = null;
  #ended = false;

  get state(): StreamState {
    return this.#stream.state;
  }

  decode(event: SseEvent): DecodedStep {
    const chunk = chunkIn(event);
    if (chunk === null) return decodedStep(this.#stream.observe(event), none);
    const step = this.#stream.observeChunk(chunk);
    return step.kind === 'failure' || this.#ended ? decodedStep(step, none) : this.#read(chunk, step);
  }

  closing(): readonly AnswerPart[] {
    if (this.#ended || this.#finish === null || !this.#stream.state.complete) return none;
    this.#ended = true;
    const { usage } = this.#stream.state;
    return [
      ...(usage === null ? none : [{ type: 'usage', usage } as const]),
      { type: 'finish', finish: this.#finish },
      { type: 'answer-end' },
    ];
  }

  #read(chunk: JsonObject, step: StreamStep): DecodedStep {
    const start = this.#start(chunk);
    const candidate = firstCandidate(chunk);
    if (candidate !== null) this.#readCandidate(candidate);
    else this.#readBlock(chunk);
    const { fault } = this.#reader;
    if (fault !== null) return decodedStep(this.#stream.fail(fault), none);
    const parts = this.#reader.take();
    return decodedStep(step, start.length === 0 ? parts : [...start, ...parts]);
  }

  #start(chunk: JsonObject): readonly AnswerPart[] {
    if (this.#started) return none;
    this.#started = true;
    return [
      { type: 'answer-start', id: textIn(chunk, 'responseId') ?? '', model: textIn(chunk, 'modelVersion') ?? '' },
    ];
  }

  #readCandidate(candidate: JsonObject): void {
    this.#reader.read(candidate);
    const word = textOf(candidate['finishReason']);
    if (word !== null) this.#finish = finishOf(word, this.#reader.hasCalls);
    // What comes after the reason is whole with its chunk.
    if (this.#finish !== null) this.#reader.end(explanationIn(candidate));
  }

  #readBlock(chunk: JsonObject): void {
    const reason = blockReasonOf(chunk);
    if (reason === null || this.#finish !== null) return;
    this.#finish = blockedFinish(reason);
    this.#reader.end(explanationOfBlock(chunk));
  }
}

/** Only the first answer is translated; requests for several never come here. */
const firstCandidate = (chunk: JsonObject): JsonObject | null => {
  const candidate = listOf(chunk['candidates']).find((one) => isJsonObject(one) && (countOf(one['index']) ?? 0) === 0);
  return isJsonObject(candidate) ? candidate : null;
};
