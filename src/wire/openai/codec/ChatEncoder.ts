import { assert } from '../../../kernel/index.ts';
import type { AnswerPart, Finish, Seal, Usage } from '../../../vocabulary/index.ts';
import { clientCallId } from '../../codec/CallIds.ts';
import type { AnswerFrame, StreamEncoder } from '../../codec/Codec.ts';
import { PartGrammar } from '../../codec/PartGrammar.ts';
import type { JsonObject } from '../../json/JsonObject.ts';
import { seamComment, seamsMember, type Sewn } from '../../seam/Sewn.ts';
import { callIdRule } from './callIdRule.ts';
import { callSignatureMember } from './callSignature.ts';
import { encodeUsage } from './encodeUsage.ts';
import { finishMembers } from './finishReasons.ts';
import { reasoningDetail, redactedDetail } from './reasoningDetail.ts';

type CallStart = Extract<AnswerPart, { readonly type: 'tool-call-start' }>;
type CallEnd = Extract<AnswerPart, { readonly type: 'tool-call-end' }>;
/** Ends of calls, by the number of their block. */
type CallEnds = ReadonlyMap<number, CallEnd>;

/**
 * Writes an answer as chunks of a chat completion (openai 7.57.0, `ChatCompletionChunk`): the role, then the words, the finish reason, usage
 * if it was asked for, `[DONE]`. Thinking goes out as `reasoning_content`, and once more, whole, with its seal in `reasoning_details`.
 */
export class ChatEncoder implements StreamEncoder {
  readonly #frame: AnswerFrame;
  readonly #grammar = new PartGrammar();
  /** JSON of a chunk up to its choices, and up to the delta of its choice. */
  #chunkHead = '';
  #deltaHead = '';
  #usage: Usage | null = null;
  /** Numbers of the calls, by the number of their block: clients key pieces by the count of calls alone. */
  readonly #calls = new Map<number, number>();
  /** Blocks of calls whose signature is out. */
  readonly #signed = new Set<number>();
  /** Text of the block of thinking that is open. */
  #thinking = '';
  #text = '';
  #refused = false;
  readonly #seams: Sewn[] = [];

  constructor(frame: AnswerFrame) {
    this.#frame = frame;
  }

  encode(parts: readonly AnswerPart[]): string {
    const ends = endsIn(parts);
    let text = '';
    for (const part of parts) {
      this.#grammar.check(part);
      text += this.#write(part, ends);
    }
    return text;
  }

  sew(seam: Sewn): string {
    this.#seams.push(seam);
    return seamComment(seam);
  }

  /** @param ends Of the calls whose end is known at once with this part. */
  #write(part: AnswerPart, ends: CallEnds): string {
    switch (part.type) {
      case 'answer-start':
        return this.#start(part.id, part.model);
      case 'text-delta':
        this.#text += part.text;
        return this.#delta(`{"content":${JSON.stringify(part.text)}}`);
      case 'thinking-delta':
        return this.#writeThinking(part.text);
      case 'thinking-end':
        return this.#endThinking(part.block, part.seal);
      case 'redacted-thinking':
        return this.#writeDetail(redactedDetail(part.block, part.seal, this.#frame));
      case 'refusal-delta':
        this.#refused = true;
        return this.#delta(`{"refusal":${JSON.stringify(part.text)}}`);
      case 'tool-call-start':
        return this.#startCall(part, ends.get(part.block));
      case 'tool-call-delta':
        return this.#delta(
          `{"tool_calls":[{"index":${this.#callAt(part.block)},"function":{"arguments":${JSON.stringify(part.arguments)}}}]}`,
        );
      case 'usage':
        this.#usage = part.usage;
        return '';
      case 'finish':
        return this.#finish(part.finish);
      case 'answer-end':
        return this.#end();
      case 'text-start':
      case 'text-end':
      case 'thinking-start':
      case 'refusal-start':
      case 'refusal-end':
        return '';
      case 'tool-call-end':
        return this.#endCall(part);
    }
  }

  #start(id: string, model: string): string {
    const head = {
      id: id === '' ? this.#frame.requestId : id,
      object: 'chat.completion.chunk',
      created: this.#frame.createdAtS,
      model: model === '' ? this.#frame.model : model,
    };
    this.#chunkHead = `data: ${JSON.stringify(head).slice(0, -1)},"choices":[`;
    this.#deltaHead = `${this.#chunkHead}{"index":0,"delta":`;
    return this.#delta('{"role":"assistant","content":""}');
  }

  #writeThinking(text: string): string {
    if (!this.#frame.showThinking) return '';
    this.#thinking += text;
    return this.#delta(`{"reasoning_content":${JSON.stringify(text)}}`);
  }

  #endThinking(block: number, seal: Seal | null): string {
    const text = this.#thinking;
    this.#thinking = '';
    return text === '' && seal === null ? '' : this.#writeDetail(reasoningDetail(block, text, seal, this.#frame));
  }

  #writeDetail(detail: JsonObject): string {
    return this.#frame.showThinking ? this.#delta(JSON.stringify({ reasoning_details: [detail] })) : '';
  }

  /** A call that comes whole has its signature in its first piece, where clients look for it that keep no other. */
  #startCall({ block, id: given, name }: CallStart, end: CallEnd | undefined): string {
    const index = this.#calls.size;
    const id = clientCallId(given, block, this.#frame, callIdRule);
    this.#calls.set(block, index);
    const signature = callSignatureMember(end?.seal, this.#frame.sealedAt);
    if ('extra_content' in signature) this.#signed.add(block);
    const call = { index, id, type: 'function', function: { name, arguments: '' }, ...signature };
    return this.#delta(JSON.stringify({ tool_calls: [call] }));
  }

  #endCall({ block, seal }: CallEnd): string {
    const signature = callSignatureMember(seal, this.#frame.sealedAt);
    if (this.#signed.has(block) || !('extra_content' in signature)) return '';
    const call = { index: this.#callAt(block), function: { arguments: '' }, ...signature };
    return this.#delta(JSON.stringify({ tool_calls: [call] }));
  }

  #callAt(block: number): number {
    const index = this.#calls.get(block);
    assert(index !== undefined, 'a call starts before its arguments');
    return index;
  }

  #finish(finish: Finish): string {
    // Clients that ask for structured output look for the words of a refusal where it belongs.
    const isFiltered = finish.reason === 'content-filter' && !this.#refused && this.#text !== '';
    const refusal = isFiltered ? this.#delta(JSON.stringify({ refusal: this.#text })) : '';
    const members = JSON.stringify({ delta: {}, logprobs: null, ...finishMembers(finish) });
    return `${refusal}${this.#chunkHead}{"index":0,${members.slice(1)}]${seamsMember(this.#seams)}}\n\n`;
  }

  #end(): string {
    const isTold = this.#frame.usageAsked && this.#usage !== null;
    const usage = isTold ? `${this.#chunkHead}],"usage":${JSON.stringify(encodeUsage(this.#usage ?? {}))}}\n\n` : '';
    return `${usage}data: [DONE]\n\n`;
  }

  #delta(delta: string): string {
    return `${this.#deltaHead}${delta},"logprobs":null,"finish_reason":null}]}\n\n`;
  }
}

const noEnds: CallEnds = new Map();

const endsIn = (parts: readonly AnswerPart[]): CallEnds => {
  if (parts.length < 2) return noEnds;
  return new Map(parts.flatMap((part) => (part.type === 'tool-call-end' ? [[part.block, part] as const] : [])));
};
