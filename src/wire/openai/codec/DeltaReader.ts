import type { AnswerPart, Failure } from '../../../vocabulary/index.ts';
import { PartCollector, type WordsKind } from '../../codec/PartCollector.ts';
import { countIn, isJsonObject, type JsonObject } from '../../json/JsonObject.ts';
import { plainThinkingIn, ThinkingReader } from './ThinkingReader.ts';
import { ToolCallReader } from './ToolCallReader.ts';

/** Longest words that are held back while calls run beside them, in characters. */
const heldLengthMax = 32 * 1024 * 1024;

/** A list, a part, its list of thinking, a part, its text: what is nested deeper is no part. */
const partDepthMax = 5;

/**
 * Reads the `delta`s of a stream, or the one `message` of a whole answer, into parts. Words that come while a call is unfinished, which no
 * recorded vendor does, wait for its end: only blocks of calls may run beside one another.
 */
export class DeltaReader {
  readonly #parts = new PartCollector();
  readonly #thinking = new ThinkingReader(this.#parts);
  readonly #calls: ToolCallReader;
  #held: JsonObject[] = [];
  #heldLength = 0;

  /** @param answer The id of the answer, asked for when a call comes without one of its own. */
  constructor(answer: () => string) {
    this.#calls = new ToolCallReader(this.#parts, answer);
  }

  /** The first thing that cannot be read. */
  get fault(): Failure | null {
    return this.#calls.fault;
  }

  /** Whether the answer has called tools. */
  get hasCalls(): boolean {
    return this.#calls.any;
  }

  /** The parts since the last time. */
  take(): readonly AnswerPart[] {
    return this.#parts.take();
  }

  read(delta: JsonObject): void {
    if (!this.#calls.any) this.#readWords(delta);
    else if (hasWords(delta)) this.#readWordsAfterCalls(delta);
    this.#readCalls(delta);
  }

  /** Ends every block: the answer has said why it ended. @param isCut Whether it was cut off. */
  end(isCut = false): void {
    this.#calls.end(isCut);
    this.#release();
    this.#parts.endWords();
  }

  #readWordsAfterCalls(delta: JsonObject): void {
    if (this.#calls.settle()) return this.#hold(delta);
    this.#release();
    this.#readWords(delta);
  }

  #readWords(delta: JsonObject): void {
    this.#thinking.read(delta);
    this.#readContent(delta['content'], 'text');
    this.#readContent(delta['refusal'], 'refusal');
  }

  /** A text, or parts of text and thinking: Mistral sends `[{type:"thinking",thinking:[{type:"text",text}]},{type:"text",text}]`. */
  #readContent(content: unknown, kind: WordsKind, depth = 0): void {
    if (typeof content === 'string') {
      if (content !== '') this.#parts.say(kind, content);
    } else if (depth > partDepthMax) {
      return;
    } else if (Array.isArray(content)) {
      for (const part of content) this.#readContent(part, kind, depth + 1);
    } else if (isJsonObject(content)) {
      this.#readContent(content['thinking'], 'thinking', depth + 1);
      this.#readContent(content['text'], kind, depth + 1);
      this.#readContent(content['refusal'], 'refusal', depth + 1);
    }
  }

  #readCalls(delta: JsonObject): void {
    const calls = delta['tool_calls'];
    if (Array.isArray(calls)) {
      for (const call of calls) if (isJsonObject(call)) this.#calls.read(call, countIn(call, 'index'));
    }
    // The older way: one call, without an id.
    const call = delta['function_call'];
    if (isJsonObject(call)) this.#calls.read(call, 'function_call');
  }

  #hold(delta: JsonObject): void {
    this.#held.push(delta);
    this.#heldLength += JSON.stringify(delta).length;
    if (this.#heldLength > heldLengthMax) this.end();
  }

  #release(): void {
    for (const delta of this.#held) this.#readWords(delta);
    this.#held = [];
  }
}

const hasWords = (delta: JsonObject): boolean =>
  isFilled(delta['content']) ||
  isFilled(delta['refusal']) ||
  isFilled(delta['reasoning_details']) ||
  plainThinkingIn(delta) !== '';

const isFilled = (value: unknown): boolean => (typeof value === 'string' || Array.isArray(value)) && value.length > 0;
