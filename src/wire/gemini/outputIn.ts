import { isJsonObject, listOf, objectOf, type JsonObject } from '../json/JsonObject.ts';
import { utf8Length } from '../utf8.ts';

/** What of the answer a candidate carries. */
export interface Output {
  /** It carries something of the answer, visible or thought; an empty text is nothing, also where it is signed. */
  readonly any: boolean;
  /** UTF-8 bytes of text, thinking and calls in it. */
  readonly bytes: number;
}

/** Looks for output in a candidate, whole or of a stream. This runs for every event. */
export const outputIn = (candidate: JsonObject): Output => {
  let any = false;
  let bytes = 0;
  for (const part of listOf(objectOf(candidate['content'])?.['parts'])) {
    if (!isJsonObject(part)) continue;
    const { text } = part;
    if (typeof text === 'string') {
      if (text === '') continue;
      any = true;
      bytes += utf8Length(text);
    } else if (isJsonObject(part['functionCall'])) {
      any = true;
      bytes += callBytes(part['functionCall']);
    } else {
      // Pictures, code and what it printed; a signature alone is no content.
      any ||= Object.keys(part).some((name) => name !== 'thoughtSignature' && name !== 'thought');
    }
  }
  return { any, bytes };
};

const callBytes = (call: JsonObject): number => {
  const { name, args, partialArgs } = call;
  let bytes = typeof name === 'string' ? utf8Length(name) : 0;
  if (isJsonObject(args)) bytes += utf8Length(JSON.stringify(args));
  if (Array.isArray(partialArgs)) bytes += utf8Length(JSON.stringify(partialArgs));
  return bytes;
};
