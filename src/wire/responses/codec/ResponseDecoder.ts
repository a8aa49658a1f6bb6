import type { AnswerPart, Failure } from '../../../vocabulary/index.ts';
import type { DecodedStep, StreamDecoder } from '../../codec/Codec.ts';
import { decodedStep } from '../../codec/decodedStep.ts';
import { isJsonObject, listIn, objectIn, parseJson, textIn, type JsonObject } from '../../json/JsonObject.ts';
import type { SseEvent } from '../../sse/SseReader.ts';
import type { StreamState } from '../../wire.ts';
import { eventTypeOf, ResponseStream } from '../ResponseStream.ts';
import { finishOf, isIncomplete } from './finishReasons.ts';
import { ItemReader } from './ItemReader.ts';

const nothing: readonly AnswerPart[] = [];

/** Reads a streamed response into parts. What the events mean to the gateway is judged where it is for responses that pass untouched. */
export class ResponseDecoder implements StreamDecoder {
  readonly #stream = new ResponseStream();
  #items: ItemReader | null = null;
  #over = false;

  get state(): StreamState {
    return this.#stream.state;
  }

  decode(event: SseEvent): DecodedStep {
    const body = event.data === null ? undefined : parseJson(event.data);
    if (!isJsonObject(body)) {
      const step = this.#stream.observe(event);
      this.#over ||= step.kind === 'failure';
      return decodedStep(step, nothing);
    }
    const type = eventTypeOf(body, event.event);
    const step = this.#stream.observeBody(type, body);
    this.#over ||= step.kind === 'failure';
    if (this.#over) return decodedStep(step, nothing);
    const parts = this.#partsOf(type, body);
    const fault = this.#items?.fault ?? null;
    return fault === null ? decodedStep(step, parts) : this.#fail(fault);
  }

  /** The terminal event is never left out, so nothing is owed. */
  closing(): readonly AnswerPart[] {
    return nothing;
  }

  #partsOf(type: string, body: JsonObject): readonly AnswerPart[] {
    const response = objectIn(body, 'response');
    switch (type) {
      case 'response.created':
      case 'response.queued':
      case 'response.in_progress':
        return this.#begin(response);
      case 'response.completed':
      case 'response.incomplete':
        return this.#finish(type, response);
      default:
        return this.#read(type, body);
    }
  }

  /** The first of several tellings: some relays leave `response.created` out, and some give each another id. */
  #begin(response: JsonObject | null): readonly AnswerPart[] {
    if (this.#items !== null) return nothing;
    const id = textIn(response, 'id') ?? '';
    this.#items = new ItemReader(id);
    return [{ type: 'answer-start', id, model: textIn(response, 'model') ?? '' }];
  }

  #read(type: string, body: JsonObject): readonly AnswerPart[] {
    if (this.#items === null && !isOfItem(type)) return nothing;
    const begun = this.#begin(null);
    this.#items?.read(type, body);
    const parts = this.#items?.take() ?? nothing;
    return begun.length === 0 ? parts : [...begun, ...parts];
  }

  #finish(type: string, told: JsonObject | null): readonly AnswerPart[] {
    const isUnsaid = type === 'response.incomplete' && textIn(told, 'status') === null;
    const response = isUnsaid ? { ...told, status: 'incomplete' } : told;
    const begun = this.#begin(response);
    const items = this.#items;
    if (items === null) return nothing;
    this.#over = true;
    // Backends exist that stream nothing and tell all at the end.
    if (items.isEmpty) readWhole(items, response);
    items.end(isIncomplete(response));
    const { usage } = this.#stream.state;
    return [
      ...begun,
      ...items.take(),
      ...(usage === null ? [] : [{ type: 'usage', usage } as const]),
      { type: 'finish', finish: finishOf(response, items.hasCalls, items.hasCutCalls) },
      { type: 'answer-end' },
    ];
  }

  #fail(failure: Failure): DecodedStep {
    this.#over = true;
    return decodedStep(this.#stream.fail(failure), nothing);
  }
}

const readWhole = (items: ItemReader, response: JsonObject | null): void => {
  for (const [index, item] of listIn(response, 'output').entries()) if (isJsonObject(item)) items.whole(index, item);
};

const isOfItem = (type: string): boolean => type.startsWith('response.');
