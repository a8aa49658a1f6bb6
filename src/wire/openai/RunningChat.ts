import { countIn, isJsonObject, listIn, objectIn, textIn, type JsonObject } from '../json/JsonObject.ts';
import type { AnswerFrame } from '../codec/Codec.ts';
import {
  followedLengthMax,
  type AnswerFollower,
  type ResumedStream,
  type RunningAnswer,
} from '../seam/RunningAnswer.ts';
import { ChatEncoder } from './codec/ChatEncoder.ts';

/** Members of a delta that are thinking, under the names of all vendors. */
const thinking: ReadonlySet<string> = new Set(['reasoning_content', 'reasoning', 'thinking', 'reasoning_details']);

/** Follows the chunks of a chat that go to the client as they are. Whatever in a delta is neither words nor thinking bars it. */
export class RunningChat implements AnswerFollower, RunningAnswer {
  readonly isUntouched = true;
  #text = '';
  #standsInWords = false;
  #isBarred = false;
  #head: { readonly id: string; readonly model: string; readonly createdAtS: number | null } | null = null;

  get text(): string {
    return this.#text;
  }

  get running(): RunningAnswer | null {
    return this.#isBarred || !this.#standsInWords ? null : this;
  }

  /** Chunks of one answer have one id, model and time. */
  resume(frame: AnswerFrame): ResumedStream {
    const { id = '', model = '', createdAtS = null } = this.#head ?? {};
    const encoder = new ChatEncoder({ ...frame, createdAtS: createdAtS ?? frame.createdAtS });
    encoder.encode([
      { type: 'answer-start', id, model },
      { type: 'text-start', block: 0 },
      { type: 'text-delta', block: 0, text: this.#text },
    ]);
    return { encoder, open: 0, next: 1 };
  }

  read(chunk: JsonObject): void {
    if (this.#isBarred) return;
    const choices = listIn(chunk, 'choices');
    const [choice] = choices;
    if (choice === undefined) return;
    this.#head ??= {
      id: textIn(chunk, 'id') ?? '',
      model: textIn(chunk, 'model') ?? '',
      createdAtS: countIn(chunk, 'created'),
    };
    if (choices.length > 1 || !isJsonObject(choice) || (countIn(choice, 'index') ?? 0) !== 0) this.#isBarred = true;
    else if (textIn(choice, 'finish_reason') !== null || isJsonObject(choice['logprobs'])) this.#isBarred = true;
    else this.#readDelta(objectIn(choice, 'delta') ?? {});
  }

  #readDelta(delta: JsonObject): void {
    for (const name in delta) {
      const value = delta[name];
      if (name === 'role' || value === null || value === '' || isEmptyList(value)) continue;
      if (name === 'content' && typeof value === 'string') {
        this.#say(value);
      } else if (thinking.has(name)) this.#standsInWords = false;
      else this.#isBarred = true;
    }
  }

  #say(text: string): void {
    this.#standsInWords = true;
    this.#text += text;
    if (this.#text.length <= followedLengthMax) return;
    this.#isBarred = true;
    this.#text = '';
  }
}

const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0;
