import { isJsonObject, listIn, objectIn, textIn, type JsonObject } from '../json/JsonObject.ts';
import { utf8Length } from '../utf8.ts';

/** What of the answer a message or a delta carries. */
export interface Output {
  /** It carries something of the answer, visible or thought; a role or an empty text is nothing. */
  readonly any: boolean;
  /** UTF-8 bytes of text, thinking and tool calls in it. */
  readonly bytes: number;
}

/** Texts: the answer, a refusal, and thinking under its three names (DeepSeek, Groq and OpenRouter, some vLLM). */
const textMembers = ['content', 'refusal', 'reasoning_content', 'reasoning', 'thinking'] as const;

/** Things that are content without being text to count: audio, pictures (OpenRouter), citations, thinking that came as details only. */
const otherMembers = ['audio', 'images', 'annotations', 'reasoning_details'] as const;

/** Looks for output in a `message` of a whole answer or a `delta` of a stream. */
export const outputIn = (message: JsonObject | null): Output => {
  if (message === null) return { any: false, bytes: 0 };
  let bytes = 0;
  let any = false;
  for (const name of textMembers) {
    const value = message[name];
    bytes += textBytes(value);
    any ||= hasPartOfOtherKind(value);
  }
  for (const call of [...listIn(message, 'tool_calls'), message['function_call']]) {
    if (!isJsonObject(call)) continue;
    any = true;
    bytes += callBytes(call);
  }
  any ||= otherMembers.some((name) => isFilled(message[name]));
  return { any: any || bytes > 0, bytes };
};

/** Bytes of a text, or of the texts in a list of parts: Mistral streams `[{type:"thinking",thinking:[{type:"text",text}]}]`. */
const textBytes = (value: unknown): number => {
  if (typeof value === 'string') return utf8Length(value);
  if (Array.isArray(value)) return value.reduce((sum: number, part: unknown) => sum + textBytes(part), 0);
  return isJsonObject(value) ? textBytes(value['text']) + textBytes(value['thinking']) : 0;
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
