import type { AnswerPart, Failure } from '../../../vocabulary/index.ts';
import { BlockReader } from '../../anthropic/codec/BlockReader.ts';
import { isJsonObject, listIn, objectIn, objectOf, textIn, textOf, type JsonObject } from '../../json/JsonObject.ts';
import { sealedText, sealOf } from './sealOf.ts';

/**
 * Reads the blocks of an answer, as they are streamed or whole, into parts: each says the same as a block of the Messages API, in other words, and is read as that. Blocks of the
 * vendor's own tools, and those of the future, are passed over.
 */
export class ContentReader {
  readonly #model: string;
  readonly #blocks: BlockReader;
  /** Pieces of sealed thinking that came so far, by block. Each was base64 of its own, with its own padding, so only the bytes can be joined. */
  readonly #redacted = new Map<number, Buffer[]>();
  /** The block of thinking that is open. */
  #thinking: number | null = null;

  constructor(model: string) {
    this.#model = model;
    this.#blocks = new BlockReader(sealOf(model));
  }

  /** Why no more can be read. */
  get fault(): Failure | null {
    return this.#blocks.fault;
  }

  /** The parts since the last time. */
  take(): readonly AnswerPart[] {
    return this.#blocks.take();
  }

  /** Only calls say what they are at their start. */
  start(index: number, start: JsonObject): void {
    const call = objectIn(start, 'toolUse');
    if (call !== null) this.#blocks.start(index, callBlock(call));
  }

  delta(index: number, delta: JsonObject): void {
    const thought = objectOf(delta['reasoningContent']);
    const call = objectOf(delta['toolUse']);
    if (thought !== null) this.#think(index, thought);
    else if (call !== null) this.#blocks.giveArguments(index, textOf(call['input']));
    else this.#blocks.say(index, 'text', textOf(delta['text']));
  }

  end(index: number): void {
    const redacted = this.#redacted.get(index);
    this.#redacted.delete(index);
    if (redacted === undefined) this.#blocks.end(index);
    else this.#blocks.whole(index, this.#redactedBlock(Buffer.concat(redacted).toString('base64')));
  }

  /** A block that is here at once. */
  whole(index: number, content: JsonObject): void {
    const thought = objectIn(content, 'reasoningContent');
    const call = objectIn(content, 'toolUse');
    const cited = objectIn(content, 'citationsContent');
    if (thought !== null) this.#blocks.whole(index, this.#thoughtBlock(thought));
    else if (call !== null) this.#blocks.whole(index, callBlock(call));
    else this.#blocks.whole(index, { type: 'text', text: cited === null ? content['text'] : citedText(cited) });
  }

  /** Ends all: the answer has no more. */
  endAll(): void {
    for (const index of this.#redacted.keys()) this.end(index);
    this.#blocks.endAll(null);
  }

  #think(index: number, thought: JsonObject): void {
    const redacted = textIn(thought, 'redactedContent');
    if (redacted !== null) {
      const pieces = this.#redacted.get(index) ?? [];
      pieces.push(Buffer.from(redacted, 'base64'));
      this.#redacted.set(index, pieces);
      return;
    }
    // Thinking has no start of its own, and may have a seal and no words.
    if (this.#thinking !== index) this.#blocks.start(index, { type: 'thinking' });
    this.#thinking = index;
    if (typeof thought['signature'] === 'string') {
      this.#blocks.sign(index, textIn(thought, 'signature'));
    } else {
      this.#blocks.say(index, 'thinking', textIn(thought, 'text'));
    }
  }

  #thoughtBlock(thought: JsonObject): JsonObject {
    const redacted = textIn(thought, 'redactedContent');
    if (redacted !== null) return this.#redactedBlock(redacted);
    const said = objectIn(thought, 'reasoningText');
    return { type: 'thinking', thinking: said?.['text'], signature: said?.['signature'] };
  }

  #redactedBlock(redacted: string): JsonObject {
    return { type: 'redacted_thinking', data: sealedText(redacted, this.#model) };
  }
}

/** A call; those of the vendor's own tools have a type. */
const callBlock = (call: JsonObject): JsonObject => ({
  type: textIn(call, 'type') ?? 'tool_use',
  id: call['toolUseId'],
  name: call['name'],
  input: call['input'],
});

/** Text with its sources beside it. */
const citedText = (cited: JsonObject): string =>
  listIn(cited, 'content')
    .map((piece) => (isJsonObject(piece) ? (textIn(piece, 'text') ?? '') : ''))
    .join('');
