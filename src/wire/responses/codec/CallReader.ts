import type { Failure } from '../../../vocabulary/index.ts';
import type { PartCollector } from '../../codec/PartCollector.ts';
import { answerLengthMax } from '../../codec/answerLengthMax.ts';
import { WrittenArguments } from '../../codec/WrittenArguments.ts';
import { protocolFailure } from '../../failure/classifyFailure.ts';
import { isJsonObject, parseJson, textIn, type JsonObject } from '../../json/JsonObject.ts';
import { callIdRule } from './callIdRule.ts';
import { argumentsOfText } from './freeText.ts';
import { isWrapperName, wrappedCalls } from './wrappedCalls.ts';

/** What is known when a call ends: no more than that its end was told, or that the answer is over, or that it was cut off. */
type Ending = 'told' | 'over' | 'cut';

/** One call while it is written. */
export interface Call {
  id: string;
  name: string;
  /** Its arguments are a text and no object. */
  readonly isText: boolean;
  readonly written: WrittenArguments;
  /** Number of its block; null until it is known what is called. */
  block: number | null;
  ended: boolean;
}

/**
 * Reads the calls of one answer. A piece is given out as it comes once the arguments have begun to be an object; a text, and what may be several calls
 * wrapped in one, only when it is whole. What stands for "no arguments" becomes "{}".
 */
export class CallReader {
  readonly #parts: PartCollector;
  readonly #answer: string;
  readonly #ids = new Set<string>();
  #length = 0;
  #cut = false;
  fault: Failure | null = null;

  /** @param answer The id of the answer: what the ids of calls that came without one are made of. */
  constructor(parts: PartCollector, answer: string) {
    this.#parts = parts;
    this.#answer = answer;
  }

  get any(): boolean {
    return this.#ids.size > 0;
  }

  /** Whether a call was cut off, so that its arguments are no object. */
  get anyCut(): boolean {
    return this.#cut;
  }

  open(item: JsonObject): Call {
    const isText = item['type'] === 'custom_tool_call';
    const call: Call = { id: '', name: '', isText, written: new WrittenArguments(), block: null, ended: false };
    this.#identify(call, item);
    this.write(call, writtenIn(item));
    return call;
  }

  write(call: Call, piece: string): void {
    if (call.ended) return;
    call.written.add(piece);
    this.#length += piece.length;
    if (this.#length > answerLengthMax) this.fault ??= protocolFailure('answer_too_large', 'arguments too long');
    this.#give(call);
  }

  /** Takes what the whole arguments have beyond the pieces that came. */
  settle(call: Call, whole: string): void {
    const { written, ended } = call;
    if (!ended && whole.length > written.length && whole.startsWith(written.text))
      this.write(call, whole.slice(written.length));
  }

  /** @param item The call as it is told once more at its end. */
  close(call: Call, item: JsonObject): void {
    if (call.ended) return;
    this.#identify(call, item);
    this.settle(call, writtenIn(item));
    this.#close(call, textIn(item, 'status') === 'incomplete' ? 'cut' : 'told');
  }

  /** Ends a call with its answer. @param isCut Whether the answer was cut off: then the call has what there is. */
  finish(call: Call, isCut: boolean): void {
    if (!call.ended) this.#close(call, isCut ? 'cut' : 'over');
  }

  #close(call: Call, ending: Ending): void {
    call.ended = true;
    const wrapped = call.isText || !isWrapperName(call.name) ? null : wrappedCalls(call.name, call.written.text);
    if (wrapped === null) return this.#end(call, ending);
    for (const [number, { name, written }] of wrapped.entries()) {
      this.#end(
        { ...call, id: `${call.id}_${number}`, name, written: new WrittenArguments(written), block: null },
        ending,
      );
    }
  }

  /** Some relays tell the name, or the id, at the end only. */
  #identify(call: Call, item: JsonObject): void {
    if (call.id === '') call.id = textIn(item, 'call_id') ?? '';
    if (call.name === '') call.name = textIn(item, 'name') ?? '';
    if (call.block === null && call.name !== '' && !isWrapperName(call.name)) this.#start(call);
  }

  #start(call: Call): number {
    const isTaken = call.id === '' || this.#ids.has(call.id);
    if (isTaken) call.id = callIdRule.make(this.#answer, this.#ids.size, call.name);
    this.#ids.add(call.id);
    call.block = this.#parts.startCall(call.id, call.name);
    return call.block;
  }

  /** Gives out what is new of the arguments, once they have begun as an object. */
  #give(call: Call): void {
    const { block, isText, written } = call;
    if (block === null || isText) return;
    const piece = written.take();
    if (piece !== '') this.#parts.add({ type: 'tool-call-delta', block, arguments: piece });
  }

  #end(call: Call, ending: Ending): void {
    if (call.name === '') {
      this.fault ??= protocolFailure('malformed_tool_call', 'a tool call came without a name');
      return;
    }
    const block = call.block ?? this.#start(call);
    if (call.isText || call.written.isEmpty) {
      const written = call.isText ? argumentsOfText(call.written.text) : '{}';
      this.#parts.add({ type: 'tool-call-delta', block, arguments: written });
    } else if (isJsonObject(parseJson(call.written.text))) {
      this.#give(call);
    } else if (!this.#endBroken(call, block, ending)) {
      return;
    }
    this.#parts.add({ type: 'tool-call-end', block });
  }

  /** Some vendors tell that an answer was cut off only at its end, so it is waited for. @returns Whether the call is over. */
  #endBroken(call: Call, block: number, ending: Ending): boolean {
    if (ending === 'told') {
      call.ended = false;
      return false;
    }
    if (ending === 'cut') {
      const rest = call.written.takeAll();
      if (rest !== '') this.#parts.add({ type: 'tool-call-delta', block, arguments: rest });
      this.#cut = true;
      return true;
    }
    const what = 'are not the JSON text of an object';
    this.fault ??= protocolFailure('malformed_tool_arguments', `the arguments of a call of ${call.name} ${what}`);
    return false;
  }
}

/** A JSON text or a free one; some vendors send the object itself. */
const writtenIn = (item: JsonObject): string => {
  const value = item['arguments'] ?? item['input'];
  return isJsonObject(value) ? JSON.stringify(value) : typeof value === 'string' ? value : '';
};
