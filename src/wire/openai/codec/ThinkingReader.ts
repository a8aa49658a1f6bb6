import type { PartCollector } from '../../codec/PartCollector.ts';
import { countIn, isJsonObject, textIn, type JsonObject } from '../../json/JsonObject.ts';
import { sealOf } from './sealOf.ts';

/** Names under which vendors send thinking as a plain text: DeepSeek and most others, Groq and OpenRouter, some vLLM. Some send two at once. */
const plainMembers = ['reasoning_content', 'reasoning', 'thinking'] as const;

export const plainThinkingIn = (message: JsonObject): string => {
  for (const name of plainMembers) {
    const text = message[name];
    if (typeof text === 'string' && text !== '') return text;
  }
  return '';
};

/**
 * Reads thinking out of messages and deltas: a plain text, or `reasoning_details` with the vendor's seals, or both. Where both say the same,
 * the details do, since they tell blocks apart; in a block that came as plain text they only end it and seal it.
 */
export class ThinkingReader {
  readonly #parts: PartCollector;
  /** The open block came as plain text. */
  #isPlain = false;
  /** `index` of the detail that was read last: pieces of one block share it. */
  #index: number | null = null;

  constructor(parts: PartCollector) {
    this.#parts = parts;
  }

  read(message: JsonObject): void {
    const list = message['reasoning_details'];
    const details = Array.isArray(list) ? list.filter(isJsonObject) : [];
    const plain = plainThinkingIn(message);
    const isPlainOpen = this.#isPlain && this.#parts.openKind === 'thinking';
    const told = isPlainOpen ? [] : details.filter((detail) => wordsOf(detail) !== null);
    if (plain !== '' && told.length === 0) {
      this.#parts.say('thinking', plain);
      this.#isPlain = true;
    }
    for (const detail of details) this.#readDetail(detail, plain !== '');
  }

  #readDetail(detail: JsonObject, besidePlain: boolean): void {
    const format = textIn(detail, 'format');
    const data = textIn(detail, 'data');
    const id = textIn(detail, 'id');
    if (data !== null) return this.#parts.redacted(sealOf(data, format, id));
    const signature = textIn(detail, 'signature');
    const words = wordsOf(detail);
    const isPlainOpen = this.#isPlain && this.#parts.openKind === 'thinking';
    if (!isPlainOpen) this.#sayDetail(words, countIn(detail, 'index'));
    if (signature !== null) {
      this.#parts.startWords('thinking');
      this.#parts.endWords(sealOf(signature, format, id));
    } else if (isPlainOpen && words !== null && !besidePlain) {
      this.#parts.endWords();
    }
    if (this.#parts.openKind !== 'thinking') this.#isPlain = false;
  }

  #sayDetail(words: string | null, index: number | null): void {
    const isOther = index !== null && this.#index !== null && index !== this.#index;
    if (isOther && this.#parts.openKind === 'thinking') this.#parts.endWords();
    this.#index = index;
    this.#isPlain = false;
    if (words !== null) this.#parts.say('thinking', words);
  }
}

const wordsOf = (detail: JsonObject): string | null => textIn(detail, 'text') ?? textIn(detail, 'summary');
