import { assert } from '../../../kernel/index.ts';
import type { AnswerContent, AnswerPart, Finish, Seal, Usage } from '../../../vocabulary/index.ts';
import { clientCallId } from '../../codec/CallIds.ts';
import type { AnswerFrame, StreamEncoder } from '../../codec/Codec.ts';
import { PartGrammar } from '../../codec/PartGrammar.ts';
import { seamsMember, type Sewn } from '../../seam/Sewn.ts';
import { callIdRule } from './callIdRule.ts';
import { answerMembers, callPart, signatureMember } from './encodeAnswer.ts';
import { encodeUsage } from './encodeUsage.ts';
import { finishMembers } from './finishReasons.ts';

interface OpenCall {
  readonly id: string;
  readonly name: string;
  arguments: string;
  seal: Seal | null;
  ended: boolean;
}

/**
 * Writes a streamed answer as chunks, each of which is an answer of its own form. Words go out as they come; a call goes out once it is whole, since clients
 * of this wire know no other; the last chunk says why the answer ended, and its usage.
 */
export class GenerateEncoder implements StreamEncoder {
  readonly #frame: AnswerFrame;
  readonly #grammar = new PartGrammar();
  /** JSON of a chunk up to its parts, and after them. */
  readonly #head = 'data: {"candidates":[{"content":{"parts":[';
  #tail = '';
  /** The members that say which answer it is, as JSON without their brackets. */
  #members = '';
  /** Calls that go on, by the number of their block. */
  readonly #calls = new Map<number, OpenCall>();
  /** Calls that are not out yet, by how many started before them. */
  readonly #waiting = new Map<number, OpenCall>();
  #started = 0;
  #told = 0;
  readonly #kinds = new Set<AnswerContent['type']>();
  #usage: Usage | null = null;
  #finish: Finish | null = null;
  readonly #seams: Sewn[] = [];

  constructor(frame: AnswerFrame) {
    this.#frame = frame;
  }

  encode(parts: readonly AnswerPart[]): string {
    let text = '';
    for (const part of parts) {
      this.#grammar.check(part);
      text += this.#write(part);
    }
    return text;
  }

  /** Its last chunk tells of it: the vendor's SDKs drop an event with a comment before it. */
  sew(seam: Sewn): string {
    this.#seams.push(seam);
    return '';
  }

  #write(part: AnswerPart): string {
    switch (part.type) {
      case 'answer-start':
        return this.#start(part.id, part.model);
      case 'text-delta':
        return this.#chunk(`{"text":${JSON.stringify(part.text)}}`);
      case 'refusal-delta':
        this.#kinds.add('refusal');
        return this.#chunk(`{"text":${JSON.stringify(part.text)}}`);
      case 'thinking-delta':
        return this.#frame.showThinking ? this.#chunk(`{"text":${JSON.stringify(part.text)},"thought":true}`) : '';
      case 'text-end':
        return this.#sign({ text: '' }, part.seal ?? null);
      case 'thinking-end':
      case 'redacted-thinking':
        return this.#frame.showThinking ? this.#sign({ text: '', thought: true }, part.seal) : '';
      case 'tool-call-start': {
        const id = clientCallId(part.id, part.block, this.#frame, callIdRule);
        const call: OpenCall = { id, name: part.name, arguments: '', seal: null, ended: false };
        this.#calls.set(part.block, call);
        this.#waiting.set(this.#started, call);
        this.#started += 1;
        return '';
      }
      case 'tool-call-delta':
        this.#callAt(part.block).arguments += part.arguments;
        return '';
      case 'tool-call-end':
        return this.#endCall(part.block, part.seal ?? null);
      case 'usage':
        this.#usage = part.usage;
        return '';
      case 'finish':
        this.#finish = part.finish;
        return '';
      case 'answer-end':
        return this.#end();
      case 'text-start':
      case 'thinking-start':
      case 'refusal-start':
      case 'refusal-end':
        return '';
    }
  }

  /** Nothing is said before the first words: there is no event for a beginning. */
  #start(id: string, model: string): string {
    this.#members = JSON.stringify(answerMembers({ id, model }, this.#frame)).slice(1, -1);
    this.#tail = `],"role":"model"},"index":0}],${this.#members}}\n\n`;
    return '';
  }

  #sign(part: object, seal: Seal | null): string {
    const signature = signatureMember(seal);
    return 'thoughtSignature' in signature ? this.#chunk(JSON.stringify({ ...part, ...signature })) : '';
  }

  #callAt(block: number): OpenCall {
    const call = this.#calls.get(block);
    assert(call !== undefined, 'a call starts before its arguments');
    return call;
  }

  /** Calls may run beside one another; they go out in the order in which they started. */
  #endCall(block: number, seal: Seal | null): string {
    Object.assign(this.#callAt(block), { seal, ended: true });
    this.#calls.delete(block);
    let text = '';
    for (let call = this.#waiting.get(this.#told); call?.ended === true; call = this.#waiting.get(this.#told)) {
      this.#waiting.delete(this.#told);
      this.#told += 1;
      text += this.#chunk(JSON.stringify(callPart(call.id, call.name, call.arguments, call.seal)));
    }
    return text;
  }

  /** The SDK takes a content without any part for no answer: the last one has an empty text, as the vendor's own has. */
  #end(): string {
    assert(this.#finish !== null, 'an answer ends after its finish');
    const content = { parts: [{ text: '' }], role: 'model' };
    const candidate = { content, ...finishMembers(this.#finish, this.#kinds), index: 0 };
    const usage = this.#usage === null ? '' : `"usageMetadata":${JSON.stringify(encodeUsage(this.#usage))},`;
    return `data: {"candidates":[${JSON.stringify(candidate)}],${usage}${this.#members}${seamsMember(this.#seams)}}\n\n`;
  }

  #chunk(part: string): string {
    return `${this.#head}${part}${this.#tail}`;
  }
}
