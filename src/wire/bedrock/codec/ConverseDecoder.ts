import type { AnswerPart } from '../../../vocabulary/index.ts';
import type { DecodedStep, StreamDecoder } from '../../codec/Codec.ts';
import { decodedStep } from '../../codec/decodedStep.ts';
import { countOf, isJsonObject, objectOf, parseJson, textIn, type JsonObject } from '../../json/JsonObject.ts';
import type { SseEvent } from '../../sse/SseReader.ts';
import type { StreamState } from '../../wire.ts';
import { ConverseStream } from '../ConverseStream.ts';
import { ContentReader } from './ContentReader.ts';
import { finishOf } from './finishOf.ts';

const nothing: readonly AnswerPart[] = [];

/** Reads a streamed answer into parts. */
export class ConverseDecoder implements StreamDecoder {
  readonly #stream = new ConverseStream();
  readonly #content: ContentReader;
  #begun = false;
  #over = false;
  #stopReason: string | null = null;

  /** @param model The vendor's name of it. */
  constructor(model: string) {
    this.#content = new ContentReader(model);
  }

  get state(): StreamState {
    return this.#stream.state;
  }

  decode(event: SseEvent): DecodedStep {
    const parsed = parseJson(event.data ?? '');
    const body = isJsonObject(parsed) ? parsed : null;
    const step = this.#stream.observe(event, body);
    this.#over ||= step.kind === 'failure';
    if (this.#over || body === null) return decodedStep(step, nothing);
    const parts = step.kind === 'terminal' ? this.#end(event, body) : this.#partsOf(event, body);
    const { fault } = this.#content;
    if (fault === null) return decodedStep(step, parts);
    this.#over = true;
    return decodedStep(this.#stream.fail(fault), nothing);
  }

  /** The event with the counts may be missing. */
  closing(): readonly AnswerPart[] {
    return this.#over || !this.#stream.state.complete ? nothing : this.#finish();
  }

  #partsOf({ event }: SseEvent, body: JsonObject): readonly AnswerPart[] {
    const index = countOf(body['contentBlockIndex']) ?? 0;
    switch (event) {
      case 'messageStart':
        return this.#begin();
      case 'contentBlockStart':
        this.#content.start(index, objectOf(body['start']) ?? {});
        return this.#blockParts();
      case 'contentBlockDelta':
        this.#content.delta(index, objectOf(body['delta']) ?? {});
        return this.#blockParts();
      case 'contentBlockStop':
        this.#content.end(index);
        return this.#blockParts();
      case 'messageStop':
        this.#stopReason = textIn(body, 'stopReason');
        return nothing;
      case null:
      default:
        return nothing;
    }
  }

  #begin(): readonly AnswerPart[] {
    if (this.#begun) return nothing;
    this.#begun = true;
    return [{ type: 'answer-start', id: '', model: '' }];
  }

  /** What the blocks have to say. A relay may leave the start of the message out. */
  #blockParts(): readonly AnswerPart[] {
    const parts = this.#content.take();
    return this.#begun || parts.length === 0 ? parts : [...this.#begin(), ...parts];
  }

  #end(event: SseEvent, body: JsonObject): readonly AnswerPart[] {
    this.#partsOf(event, body);
    return this.#finish();
  }

  /** The end is only told when nothing can follow: what is said before it may still be taken back by an error. */
  #finish(): readonly AnswerPart[] {
    this.#over = true;
    this.#content.endAll();
    const { usage } = this.#stream.state;
    return [
      ...this.#begin(),
      ...this.#content.take(),
      ...(usage === null ? nothing : [{ type: 'usage', usage } as const]),
      { type: 'finish', finish: finishOf(this.#stopReason) },
      { type: 'answer-end' },
    ];
  }
}
