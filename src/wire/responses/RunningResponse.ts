import { countIn, objectIn, textIn, type JsonObject } from '../json/JsonObject.ts';
import type { AnswerFrame } from '../codec/Codec.ts';
import {
  followedLengthMax,
  type AnswerFollower,
  type ResumedStream,
  type RunningAnswer,
} from '../seam/RunningAnswer.ts';
import { ResponseEncoder } from './codec/ResponseEncoder.ts';

interface OpenMessage {
  readonly id: string;
  /** JSON of the parts that are whole. */
  readonly parts: string[];
  part: { text: string; isTold: boolean } | null;
}

/** Members of a response that say how it ended. */
const endings: ReadonlySet<string> = new Set(['status', 'incomplete_details', 'output', 'usage', 'completed_at']);

/**
 * Follows the events of a response that go to the client as they are. Items and parts that are neither words nor reasoning bar it, and so do streams that leave out where
 * things begin.
 */
export class RunningResponse implements AnswerFollower, RunningAnswer {
  readonly isUntouched = true;
  #text = '';
  #standsInWords = false;
  #isBarred = false;
  #events = 0;
  #response: JsonObject | null = null;
  /** JSON of the items that are whole. */
  readonly #output: string[] = [];
  #message: OpenMessage | null = null;
  /** An item of reasoning is open. */
  #thinks = false;

  get text(): string {
    return this.#text;
  }

  get running(): RunningAnswer | null {
    const stands = this.#standsInWords && !this.#thinks && this.#response !== null;
    return this.#isBarred || !stands || this.#text === '' ? null : this;
  }

  /** It is kept nowhere: its vendor has only the part that it gave. */
  resume(frame: AnswerFrame): ResumedStream {
    const members = Object.entries(this.#response ?? {}).filter(([name]) => !endings.has(name));
    const head = JSON.stringify({ ...Object.fromEntries(members), store: false }).slice(1, -1);
    const message = this.#message;
    const resumed = { head, events: this.#events, output: this.#output, message };
    const encoder = new ResponseEncoder(frame, resumed);
    const isOpen = message?.part?.isTold === false;
    return isOpen ? { encoder, open: 0, next: 1 } : { encoder, open: null, next: 0 };
  }

  read(type: string, body: JsonObject): void {
    this.#events = (countIn(body, 'sequence_number') ?? this.#events) + 1;
    if (this.#isBarred) return;
    switch (type) {
      case 'response.created':
        this.#response = objectIn(body, 'response');
        return;
      case 'response.output_item.added':
        return this.#add(countIn(body, 'output_index'), objectIn(body, 'item'));
      case 'response.content_part.added':
        return this.#addPart(countIn(body, 'content_index'), objectIn(body, 'part'));
      case 'response.output_text.delta':
        return this.#say(textIn(body, 'delta') ?? '');
      case 'response.output_text.done':
        return this.#tell(textIn(body, 'text'));
      case 'response.content_part.done':
        return this.#endPart(objectIn(body, 'part'));
      case 'response.output_item.done':
        return this.#end(objectIn(body, 'item'));
      default:
        // Reasoning is told in many ways, and none of them is needed; whatever else is written here cannot be written on.
        if (type.endsWith('.delta') && !type.startsWith('response.reasoning')) this.#isBarred = true;
        if (type === 'response.output_text.annotation.added') this.#isBarred = true;
        return;
    }
  }

  #add(index: number | null, item: JsonObject | null): void {
    const kind = textIn(item, 'type');
    const id = textIn(item, 'id') ?? '';
    const isNext = index === this.#output.length && this.#message === null && !this.#thinks;
    if (!isNext || id === '' || (kind !== 'message' && kind !== 'reasoning')) {
      this.#isBarred = true;
      return;
    }
    this.#standsInWords = kind === 'message';
    this.#thinks = kind === 'reasoning';
    if (kind === 'message') this.#message = { id, parts: [], part: null };
  }

  #addPart(index: number | null, part: JsonObject | null): void {
    const message = this.#message;
    if (message === null) return;
    if (message.part !== null || index !== message.parts.length || textIn(part, 'type') !== 'output_text') {
      this.#isBarred = true;
      return;
    }
    message.part = { text: textIn(part, 'text') ?? '', isTold: false };
    this.#text += message.part.text;
  }

  #say(delta: string): void {
    const part = this.#message?.part;
    if (part === undefined || part === null) {
      this.#isBarred = true;
      return;
    }
    part.text += delta;
    this.#text += delta;
    if (this.#text.length > followedLengthMax) this.#drop();
  }

  /** It is too long to be followed. */
  #drop(): void {
    this.#isBarred = true;
    this.#text = '';
    this.#message = null;
    this.#output.length = 0;
  }

  /** What is told whole is what was told in pieces: else nobody knows which of it the client has. */
  #tell(text: string | null): void {
    const part = this.#message?.part;
    if (part === undefined || part === null || part.text !== text) this.#isBarred = true;
    else part.isTold = true;
  }

  #endPart(part: JsonObject | null): void {
    if (this.#message === null || part === null) return;
    this.#message.parts.push(JSON.stringify(part));
    this.#message.part = null;
  }

  #end(item: JsonObject | null): void {
    this.#output.push(JSON.stringify(item));
    this.#message = null;
    this.#thinks = false;
  }
}
