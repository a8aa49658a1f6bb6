import { isJsonObject, listIn, objectIn, textIn, type JsonObject } from '../json/JsonObject.ts';
import { utf8Length } from '../utf8.ts';

/** What of the answer a message or a delta carries. */
export interface Output {
  /** It carries something of the answer, visible or thought; a role or an empty text is nothing. */
  readonly any: boolean;
  /** UTF-8 bytes of text, thinking and tool calls in it. */
  readonly bytes: number;
}

const nothing: Output = { any: false, bytes: 0 };

/**
 * Looks for output in a `message` of a whole answer or a `delta` of a stream. Texts are the answer, a refusal, and thinking under its three
 * names (DeepSeek, Groq and OpenRouter, some vLLM). This runs for every event, so members are named one by one: looked up by variable names
 * they cost more than decoding the event.
 */
export const outputIn = (message: JsonObject | null): Output => {
  if (message === null) return nothing;
  const bytes =
    textBytes(message['content']) +
    textBytes(message['refusal']) +
    textBytes(message['reasoning_content']) +
    textBytes(message['reasoning']) +
    textBytes(message['thinking']);
  const calls = callsIn(message);
  return calls.some(isJsonObject)
    ? { any: true, bytes: bytes + callsBytes(calls) }
    : { any: bytes > 0 || hasOtherOutput(message), bytes };
};

/** Calls of tools, and the one of the older kind. */
const callsIn = (message: JsonObject): readonly unknown[] => {
  const calls = listIn(message, 'tool_calls');
  const older = message['function_call'];
  return isJsonObject(older) ? [...calls, older] : calls;
};

const callsBytes = (calls: readonly unknown[]): number =>
  calls.reduce((sum: number, call) => sum + (isJsonObject(call) ? callBytes(call) : 0), 0);

/** Things that are content without being text to count: audio, pictures (OpenRouter), citations, thinking that came as details only. */
const hasOtherOutput = (message: JsonObject): boolean =>
  isFilled(message['audio']) ||
  isFilled(message['images']) ||
  isFilled(message['annotations']) ||
  isFilled(message['reasoning_details']) ||
  hasPartOfOtherKind(message['content']) ||
  hasPartOfOtherKind(message['reasoning']) ||
  hasPartOfOtherKind(message['reasoning_content']) ||
  hasPartOfOtherKind(message['thinking']) ||
  hasPartOfOtherKind(message['refusal']);

/** A list, a part, its list of thinking, a part, its text. */
const depthMax = 5;

/** Bytes of a text, or of the texts in a list of parts: Mistral streams `[{type:"thinking",thinking:[{type:"text",text}]}]`. */
const textBytes = (value: unknown, depth = 0): number => {
  if (typeof value === 'string') return value === '' ? 0 : utf8Length(value);
  if (depth > depthMax) return 0;
  if (Array.isArray(value)) return value.reduce((sum: number, part: unknown) => sum + textBytes(part, depth + 1), 0);
  return isJsonObject(value) ? textBytes(value['text'], depth + 1) + textBytes(value['thinking'], depth + 1) : 0;
};

const hasPartOfOtherKind = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.some((part) => isJsonObject(part) && part['type'] !== 'text' && part['type'] !== 'thinking');

/** A call of a function (`{function:{name,arguments}}`, older `{name,arguments}`) or of a custom tool (`{custom:{name,input}}`). */
const callBytes = (call: JsonObject): number => {
  const inner = objectIn(call, 'function') ?? objectIn(call, 'custom') ?? call;
  return ['name', 'arguments', 'input'].reduce((sum, name) => sum + utf8Length(textIn(inner, name) ?? ''), 0);
};

const isFilled = (value: unknown): boolean =>
  Array.isArray(value) ? value.length > 0 : isJsonObject(value) && Object.keys(value).length > 0;
