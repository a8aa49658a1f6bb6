import type { AnswerPart } from '../../../vocabulary/index.ts';
import type { DecodedStep, StreamDecoder } from '../../codec/Codec.ts';
import { decodedStep } from '../../codec/decodedStep.ts';
import {
  countOf,
  isJsonObject,
  objectIn,
  objectOf,
  parseJson,
  textIn,
  type JsonObject,
} from '../../json/JsonObject.ts';
import type { SseEvent } from '../../sse/SseReader.ts';
import type { StreamState } from '../../wire.ts';
import { eventTypeOf, MessageStream } from '../MessageStream.ts';
import { BlockReader } from './BlockReader.ts';
import { finishOf } from './finishReasons.ts';

const nothing: readonly AnswerPart[] = [];

/** Reads a streamed message into parts. What the events mean to the gateway is judged where it is for messages that pass untouched. */
export class MessageDecoder implements StreamDecoder {
  readonly #stream = new MessageStream();
  readonly #blocks = new BlockReader();
  #begun = false;
  #over = false;
  /** The block of the latest event, for relays that leave the index out. */
  #index = 0;
  #stopReason: string | null = null;
  #stopSequence: string | null = null;
  #explanation: string | null = null;

  get state(): StreamState {
    return this.#stream.state;
  }

  decode(event: SseEvent): DecodedStep {
    const body = event.data === null ? undefined : parseJson(event.data);
    if (!isJsonObject(body)) return decodedStep(this.#stream.observe(event), nothing);
    const type = eventTypeOf(body, event.event);
    const step = this.#stream.observeBody(type, body);
    this.#over ||= step.kind === 'failure';
    const parts = this.#over ? nothing : this.#partsOf(type, body);
    const { fault } = this.#blocks;
    if (fault === null || this.#over) return decodedStep(step, parts);
    this.#over = true;
    return decodedStep(this.#stream.fail(fault), nothing);
  }

  /** The terminal event is never left out, so nothing is owed. */
  closing(): readonly AnswerPart[] {
    return nothing;
  }

  #partsOf(type: string, body: JsonObject): readonly AnswerPart[] {
    switch (type) {
      case 'message_start':
        return this.#begin(objectIn(body, 'message'));
      case 'content_block_start':
        this.#blocks.start(this.#indexOf(body), objectOf(body['content_block']) ?? {});
        return this.#blockParts();
      case 'content_block_delta':
        this.#blocks.delta(this.#indexOf(body), objectOf(body['delta']) ?? {});
        return this.#blockParts();
      case 'content_block_stop':
        this.#blocks.end(this.#indexOf(body));
        return this.#blockParts();
      case 'message_delta':
        return this.#close(objectIn(body, 'delta'));
      case 'message_stop':
        return this.#stop();
      default:
        return nothing;
    }
  }

  #begin(message: JsonObject | null): readonly AnswerPart[] {
    if (this.#begun) return nothing;
    this.#begun = true;
    return [{ type: 'answer-start', id: textIn(message, 'id') ?? '', model: textIn(message, 'model') ?? '' }];
  }

  /** What the blocks have to say. A relay may leave the start of the message out. */
  #blockParts(): readonly AnswerPart[] {
    const parts = this.#blocks.take();
    return this.#begun || parts.length === 0 ? parts : [...this.#begin(null), ...parts];
  }

  #indexOf(body: JsonObject): number {
    this.#index = countOf(body['index']) ?? this.#index;
    return this.#index;
  }

  /** The end is only told with the last event: what is said before it may still be taken back by an error. */
  #close(delta: JsonObject | null): readonly AnswerPart[] {
    this.#stopReason = textIn(delta, 'stop_reason') ?? this.#stopReason;
    this.#stopSequence = textIn(delta, 'stop_sequence') ?? this.#stopSequence;
    this.#explanation = textIn(objectIn(delta, 'stop_details'), 'explanation') ?? this.#explanation;
    return this.#usage();
  }

  #usage(): readonly AnswerPart[] {
    const { usage } = this.#stream.state;
    return usage === null ? nothing : [{ type: 'usage', usage }];
  }

  #stop(): readonly AnswerPart[] {
    if (!this.#stream.state.complete) return nothing;
    this.#over = true;
    this.#blocks.endAll(this.#explanation);
    return [
      ...this.#blockParts(),
      ...this.#usage(),
      { type: 'finish', finish: finishOf(this.#stopReason, this.#stopSequence) },
      { type: 'answer-end' },
    ];
  }
}
