import type { AnswerPart, Failure, Finish } from '../../../vocabulary/index.ts';
import type { DecodedStep, StreamDecoder } from '../../codec/Codec.ts';
import { decodedStep } from '../../codec/decodedStep.ts';
import { countIn, isJsonObject, listIn, objectIn, textIn, type JsonObject } from '../../json/JsonObject.ts';
import type { SseEvent } from '../../sse/SseReader.ts';
import type { RequestFacts, StreamState, StreamStep } from '../../wire.ts';
import { ChatStream, chunkIn } from '../ChatStream.ts';
import { DeltaReader } from './DeltaReader.ts';
import { finishOf, isCutOff } from './finishReasons.ts';

const none: readonly AnswerPart[] = [];

/**
 * Reads the chunks of a streamed chat completion into parts. What each event means for the stream is `ChatStream`'s to say. Blocks end with
 * the finish reason; the finish itself waits for the end of the stream, since usage comes after it.
 */
export class ChatDecoder implements StreamDecoder {
  readonly #stream: ChatStream;
  readonly #delta = new DeltaReader(() => this.#answer);
  /** Id and time of the answer. */
  #answer = '';
  #usage: StreamState['usage'] = null;
  #started = false;
  #finish: Finish | null = null;
  #ended = false;

  constructor(facts: RequestFacts) {
    this.#stream = new ChatStream(facts);
  }

  get state(): StreamState {
    return this.#stream.state;
  }

  decode(event: SseEvent): DecodedStep {
    const chunk = chunkIn(event);
    if (chunk === null) {
      const step = this.#stream.observe(event);
      return decodedStep(step, step.kind === 'terminal' ? this.closing() : none);
    }
    const step = this.#stream.observeChunk(chunk);
    return step.kind === 'failure' || this.#ended ? decodedStep(step, none) : this.#read(chunk, step);
  }

  closing(): readonly AnswerPart[] {
    if (this.#ended || this.#finish === null || !this.#stream.state.complete) return none;
    this.#ended = true;
    return [{ type: 'finish', finish: this.#finish }, { type: 'answer-end' }];
  }

  #read(chunk: JsonObject, step: StreamStep): DecodedStep {
    const choice = firstChoice(chunk);
    const start = this.#start(chunk, choice);
    if (choice !== null) this.#readChoice(choice);
    const { fault } = this.#delta;
    if (fault !== null) return this.#fail(fault);
    const usage = this.#newUsage();
    const parts = this.#delta.take();
    return decodedStep(step, start.length + usage.length === 0 ? parts : [...start, ...parts, ...usage]);
  }

  /** A chunk without choices may stand before the answer and have neither id nor model (Azure's filter results). */
  #start(chunk: JsonObject, choice: JsonObject | null): readonly AnswerPart[] {
    if (this.#started || choice === null) return none;
    this.#started = true;
    const id = textIn(chunk, 'id') ?? '';
    this.#answer = `${id} ${countIn(chunk, 'created') ?? ''}`;
    return [{ type: 'answer-start', id, model: textIn(chunk, 'model') ?? '' }];
  }

  #readChoice(choice: JsonObject): void {
    const delta = objectIn(choice, 'delta');
    if (delta !== null) this.#delta.read(delta);
    if (textIn(choice, 'finish_reason') !== null) this.#finish = finishOf(choice, this.#delta.hasCalls);
    // Some vendors tell the reason before the last words; whatever comes then is whole with its chunk.
    if (this.#finish !== null) this.#delta.end(isCutOff(this.#finish));
  }

  #newUsage(): readonly AnswerPart[] {
    const { usage } = this.#stream.state;
    if (usage === null || usage === this.#usage || !this.#started) return none;
    this.#usage = usage;
    return [{ type: 'usage', usage }];
  }

  #fail(failure: Failure): DecodedStep {
    return decodedStep(this.#stream.fail(failure), none);
  }
}

/** Only the first answer is translated; requests for several never come here. */
const firstChoice = (chunk: JsonObject): JsonObject | null => {
  const choice = listIn(chunk, 'choices').find((one) => isJsonObject(one) && (countIn(one, 'index') ?? 0) === 0);
  return isJsonObject(choice) ? choice : null;
};
