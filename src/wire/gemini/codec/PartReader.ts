import type { AnswerPart, Failure, Seal } from '../../../vocabulary/index.ts';
import { PartCollector } from '../../codec/PartCollector.ts';
import { protocolFailure } from '../../failure/classifyFailure.ts';
import {
  isJsonObject,
  listIn,
  listOf,
  objectIn,
  objectOf,
  textIn,
  textOf,
  type JsonObject,
} from '../../json/JsonObject.ts';
import { PartialArguments } from './PartialArguments.ts';
import { sealOf } from './sealOf.ts';

/** Longest arguments of all calls of one answer together, in characters. */
const argumentsLengthMax = 32 * 1024 * 1024;

interface OpenCall {
  readonly block: number;
  readonly arguments: PartialArguments;
  seal: Seal | null;
}

/**
 * Reads the parts of a candidate, whole or chunk by chunk. Words of one kind in a row are one block, whose seal is the last signature that came with them; a
 * call comes whole, or in pieces until a part says no more, another part comes, or the answer ends. What only this vendor has is passed over.
 */
export class PartReader {
  readonly #parts = new PartCollector();
  /** Over the open block of words. */
  #seal: Seal | null = null;
  #call: OpenCall | null = null;
  #length = 0;
  #hasCalls = false;
  #fault: Failure | null = null;

  /** The first thing that cannot be read. */
  get fault(): Failure | null {
    return this.#fault ?? this.#parts.fault;
  }

  /** Whether the answer has called functions. */
  get hasCalls(): boolean {
    return this.#hasCalls;
  }

  /** The parts since the last time. */
  take(): readonly AnswerPart[] {
    return this.#parts.take();
  }

  read(candidate: JsonObject): void {
    for (const part of listOf(objectOf(candidate['content'])?.['parts'])) if (isJsonObject(part)) this.#readPart(part);
  }

  /** Ends every block: the answer has no more. @param explanation The vendor's words why it held something back. */
  end(explanation: string | null): void {
    this.#endCall();
    if (explanation !== null) {
      this.#endWords();
      this.#parts.say('refusal', explanation);
    }
    this.#endWords();
  }

  #readPart(part: JsonObject): void {
    const signature = textOf(part['thoughtSignature']);
    const seal = signature === null ? null : sealOf(signature);
    const call = objectOf(part['functionCall']);
    if (call !== null) return this.#readCall(call, seal);
    const { text } = part;
    if (typeof text === 'string' || seal !== null) {
      this.#say(part['thought'] === true ? 'thinking' : 'text', typeof text === 'string' ? text : '', seal);
    }
  }

  /** An empty text is nothing, but for the signature on it, which may come after the last word. */
  #say(kind: 'text' | 'thinking', text: string, seal: Seal | null): void {
    if (text === '' && seal === null) return;
    this.#endCall();
    if (this.#parts.openKind !== kind) this.#endWords();
    if (text === '') this.#parts.startWords(kind);
    else this.#parts.say(kind, text);
    this.#seal = seal ?? this.#seal;
  }

  #endWords(): void {
    this.#parts.endWords(this.#seal);
    this.#seal = null;
  }

  #readCall(call: JsonObject, seal: Seal | null): void {
    const name = textIn(call, 'name');
    if (name !== null) this.#startCall(call, name, seal);
    if (this.#call === null) {
      const isEmpty = call['args'] === undefined && listIn(call, 'partialArgs').length === 0;
      // The mark that ends a call which has ended already.
      if (!isEmpty) this.#fault ??= protocolFailure('malformed_tool_call', 'a call came without a name');
      return;
    }
    this.#call.seal ??= seal;
    this.#takePieces(this.#call, call);
    if (call['willContinue'] !== true) this.#endCall();
  }

  #startCall(call: JsonObject, name: string, seal: Seal | null): void {
    this.#endCall();
    this.#endWords();
    this.#hasCalls = true;
    const block = this.#parts.startCall(textIn(call, 'id') ?? '', name, seal);
    this.#call = { block, arguments: new PartialArguments(objectIn(call, 'args') ?? {}), seal };
  }

  #takePieces(open: OpenCall, call: JsonObject): void {
    for (const piece of listIn(call, 'partialArgs')) {
      if (!isJsonObject(piece)) continue;
      this.#length += JSON.stringify(piece).length;
      if (this.#length > argumentsLengthMax) this.#fault ??= protocolFailure('answer_too_large', 'arguments too long');
      else if (!open.arguments.take(piece)) {
        this.#fault ??= protocolFailure('malformed_tool_arguments', 'a piece of arguments has no place');
      }
    }
  }

  #endCall(): void {
    const open = this.#call;
    if (open === null) return;
    this.#call = null;
    const { block, seal } = open;
    this.#parts.add({ type: 'tool-call-delta', block, arguments: open.arguments.text });
    this.#parts.add({ type: 'tool-call-end', block, ...(seal === null ? {} : { seal }) });
  }
}
