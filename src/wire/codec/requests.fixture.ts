// Requests as the tests of all codecs make, write and read them.
import type { GenerateRequest, Message, Tool, ToolCallPart, UserPart } from '../../vocabulary/index.ts';
import { isJsonObject, parseJson, type JsonObject } from '../json/JsonObject.ts';
import { utf8Bytes, utf8Text } from '../utf8.ts';
import type { Codec, CodecTarget, Untranslatable } from './Codec.ts';

export const thinker: CodecTarget = {
  boundary: 'v/main/-',
  model: 'm',
  outputTokensMax: null,
  reasoning: true,
  unsupported: [],
};

/** A request that says nothing but "hi". */
export const greeting: GenerateRequest = {
  model: 'm',
  stream: false,
  messages: [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }],
  tools: [],
  toolChoice: null,
  parallelToolCalls: null,
  outputFormat: { type: 'text' },
  outputTokensMax: null,
  temperature: null,
  topP: null,
  topK: null,
  stopSequences: [],
  reasoning: null,
  endUser: null,
  hints: [],
  natives: [],
};

export interface WrittenBody {
  readonly bytes: Uint8Array;
  readonly body: JsonObject;
  readonly dropped: readonly string[];
}

export interface RequestRig {
  /** Reads a body. */
  readonly decode: (body: unknown) => GenerateRequest;
  /** Writes what differs from the greeting, for what differs from a target that thinks and takes everything. */
  readonly write: (changes: Partial<GenerateRequest>, about?: Partial<CodecTarget>) => WrittenBody;
  /** The body alone. */
  readonly bodyOf: (changes: Partial<GenerateRequest>, about?: Partial<CodecTarget>) => JsonObject;
  /** Why it cannot be written. */
  readonly faultOf: (changes: Partial<GenerateRequest>, about?: Partial<CodecTarget>) => Untranslatable | null;
}

/** Reads and writes with one codec; faults throw. */
export const requestRig = (codec: Pick<Codec, 'decodeRequest' | 'encodeRequest'>): RequestRig => {
  const encode = (changes: Partial<GenerateRequest>, about: Partial<CodecTarget> = {}) =>
    codec.encodeRequest({ ...greeting, ...changes }, { ...thinker, ...about });
  const write: RequestRig['write'] = (changes, about) => {
    const written = encode(changes, about);
    if (!written.ok) throw new Error(written.fault.message);
    const body = parseJson(utf8Text(written.value.body));
    if (!isJsonObject(body)) throw new Error('the body is no object');
    return { bytes: written.value.body, body, dropped: written.value.dropped };
  };
  return {
    decode: (body) => {
      const decoded = codec.decodeRequest(utf8Bytes(JSON.stringify(body)));
      if (!decoded.ok) throw new Error(decoded.fault.message);
      return decoded.value;
    },
    write,
    bodyOf: (changes, about) => write(changes, about).body,
    faultOf: (changes, about) => {
      const written = encode(changes, about);
      return written.ok ? null : written.fault;
    },
  };
};

export const text = (words: string) => ({ type: 'text' as const, text: words });
export const user = (...content: UserPart[]): Message => ({ role: 'user', content });
export const said = (words: string): Message => ({ role: 'assistant', content: [text(words)] });
export const call = (id: string, written = '{}'): ToolCallPart => ({
  type: 'tool-call',
  id,
  name: 'f',
  arguments: written,
});
export const calls = (...ids: string[]): Message => ({ role: 'assistant', content: ids.map((id) => call(id)) });
export const result = (callId: string, words = 'ok'): UserPart => ({
  type: 'tool-result',
  callId,
  content: [text(words)],
  isError: false,
});
export const tool: Tool = { name: 'f', description: null, parameters: {}, strict: null };
