import type { Failure, Seal } from '../../../vocabulary/index.ts';
import type { PartCollector } from '../../codec/PartCollector.ts';
import { answerLengthMax } from '../../codec/answerLengthMax.ts';
import { callsMax, tooManyCalls } from '../../codec/callsMax.ts';
import { WrittenArguments } from '../../codec/WrittenArguments.ts';
import { protocolFailure } from '../../failure/classifyFailure.ts';
import { isJsonObject, objectIn, parseJson, textIn, type JsonObject } from '../../json/JsonObject.ts';
import { callSignatureIn } from './callSignature.ts';
import { callIdRule } from './callIdRule.ts';

interface Call {
  /** Where it stands among the calls of the answer. */
  readonly ordinal: number;
  id: string | null;
  name: string;
  readonly arguments: WrittenArguments;
  /** Number of its block; null until its name is known. */
  block: number | null;
  ended: boolean;
  seal: Seal | null;
}

/**
 * Reads the tool calls of one answer out of pieces that are keyed by index, or by id, or not at all. A piece is given out as it comes once
 * the arguments have begun to be an object; what stands for "no arguments" becomes "{}".
 */
export class ToolCallReader {
  readonly #parts: PartCollector;
  readonly #answer: () => string;
  readonly #calls: Call[] = [];
  readonly #byKey = new Map<number | string, Call>();
  /** The first call of each id that its vendor gave. */
  readonly #byId = new Map<string, Call>();
  /** Started calls with arguments that came since it was last looked whether they are whole: what was not stays so until more comes. */
  readonly #grown = new Set<Call>();
  #ended = 0;
  readonly #ids = new Set<string>();
  #length = 0;
  fault: Failure | null = null;

  /** @param answer The id of the answer: what the ids of calls that came without one are made of. */
  constructor(parts: PartCollector, answer: () => string) {
    this.#parts = parts;
    this.#answer = answer;
  }

  get any(): boolean {
    return this.#ids.size > 0;
  }

  /** Ends the calls that can have no more to say. @returns Whether others are left. */
  settle(): boolean {
    this.#endWhole();
    return this.#ended < this.#calls.length;
  }

  /** @param key What tells calls apart: their index, or null where the vendor gives none. */
  read(piece: JsonObject, key: number | string | null): void {
    const id = textIn(piece, 'id');
    const inner = objectIn(piece, 'function') ?? piece;
    const name = textIn(inner, 'name') ?? '';
    const text = argumentsIn(inner);
    const call = this.#callOf(key, id, name);
    this.#identify(call, id);
    call.seal ??= callSignatureIn(piece);
    if (call.name === '') call.name = name;
    this.#take(call, text);
  }

  /** Ends all calls: the answer has no more. @param isCut Whether it was cut off: then they have what there is. */
  end(isCut: boolean): void {
    for (const call of this.#calls) if (!call.ended) this.#end(call, isCut);
  }

  /** Some vendors give every call of an answer the index 0, with an id and a name of its own. */
  #callOf(key: number | string | null, id: string | null, name: string): Call {
    const last = this.#calls.at(-1);
    const known = key === null ? (id === null && name === '' ? last : this.#withId(id)) : this.#byKey.get(key);
    const isOther = known !== undefined && id !== null && known.id !== null && id !== known.id && name !== '';
    return known === undefined || isOther ? this.#add(key) : known;
  }

  #withId(id: string | null): Call | undefined {
    return id === null ? undefined : this.#byId.get(id);
  }

  #identify(call: Call, id: string | null): void {
    if (id === null || call.id !== null) return;
    call.id = id;
    if (!this.#byId.has(id)) this.#byId.set(id, call);
  }

  #add(key: number | string | null): Call {
    const call: Call = {
      ordinal: this.#calls.length,
      id: null,
      name: '',
      arguments: new WrittenArguments(),
      block: null,
      ended: false,
      seal: null,
    };
    this.#calls.push(call);
    if (this.#calls.length > callsMax) this.fault ??= tooManyCalls();
    if (key !== null) this.#byKey.set(key, call);
    return call;
  }

  #take(call: Call, text: string): void {
    if (call.ended) {
      if (text.trim() !== '') this.#fail(call, 'went on after their end');
      return;
    }
    call.arguments.add(text);
    if (call.block !== null && text !== '') this.#grown.add(call);
    this.#length += text.length;
    if (this.#length > answerLengthMax) this.fault ??= protocolFailure('answer_too_large', 'arguments too long');
    if (call.block === null && call.name !== '') this.#start(call);
    this.#give(call);
  }

  #start(call: Call): void {
    this.#endWhole();
    const isTaken = call.id === null || this.#ids.has(call.id);
    const id = isTaken || call.id === null ? callIdRule.make(this.#answer(), call.ordinal, call.name) : call.id;
    this.#ids.add(id);
    call.block = this.#parts.startCall(id, call.name, call.seal);
    this.#grown.add(call);
  }

  /** Ends the started calls to which nothing can be added. */
  #endWhole(): void {
    for (const call of this.#grown) {
      this.#grown.delete(call);
      if (!call.ended && call.arguments.isWhole) this.#end(call);
    }
  }

  /** Gives out what is new of the arguments, once they have begun as an object. */
  #give(call: Call): void {
    if (call.block === null) return;
    const piece = call.arguments.take();
    if (piece !== '') this.#parts.add({ type: 'tool-call-delta', block: call.block, arguments: piece });
  }

  #end(call: Call, isCut = false): void {
    call.ended = true;
    this.#ended += 1;
    const { isEmpty } = call.arguments;
    if (call.block === null) {
      if (!isEmpty) this.fault ??= protocolFailure('malformed_tool_call', 'a tool call came without a name');
      return;
    }
    if (isEmpty) this.#parts.add({ type: 'tool-call-delta', block: call.block, arguments: '{}' });
    else if (!isJsonObject(parseJson(call.arguments.text))) {
      if (!isCut) return this.#fail(call, 'are not the JSON text of an object');
      const rest = call.arguments.takeAll();
      if (rest !== '') this.#parts.add({ type: 'tool-call-delta', block: call.block, arguments: rest });
    }
    const { block, seal } = call;
    this.#parts.add({ type: 'tool-call-end', block, ...(seal === null ? {} : { seal }) });
  }

  #fail(call: Call, what: string): void {
    this.fault ??= protocolFailure('malformed_tool_arguments', `the arguments of a call of ${call.name} ${what}`);
  }
}

/** A JSON text; some vendors send the object itself. */
const argumentsIn = (call: JsonObject): string => {
  const value = call['arguments'];
  return isJsonObject(value) ? JSON.stringify(value) : typeof value === 'string' ? value : '';
};
