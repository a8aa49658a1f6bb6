// What the wires of clients find that a request needs, for requests that say no more than they must.
import { featuresIn, type Feature } from '../vocabulary/index.ts';
import { clientWires } from './matchRoute.ts';
import { utf8Bytes } from './utf8.ts';

/** Requests that need nothing, by their wires. */
export const heads: Readonly<Record<string, object>> = {
  openai: { model: 'm', messages: [{ role: 'user', content: 'hi' }] },
  anthropic: { model: 'm', max_tokens: 9, messages: [{ role: 'user', content: 'hi' }] },
  responses: { model: 'm', input: 'hi' },
  gemini: { contents: [{ role: 'user', parts: [{ text: 'hi' }] }] },
};

/** What a body needs as it is written. @param stream Whether the path says so, on wires that say it there. */
export const needsOfText = (wire: string, body: string, stream = false): readonly Feature[] => {
  const words = wire === 'gemini' ? { model: 'm', stream } : null;
  const read = clientWires.get(wire)!.readRequest(utf8Bytes(body), 'generate', undefined, words);
  if (!read.ok) throw new Error(read.fault.message);
  return featuresIn(read.value.requirements.features);
};

/** What a request needs that has these members beside those of its head. */
export const needsOf = (wire: string, body: object, stream = false): readonly Feature[] =>
  needsOfText(wire, JSON.stringify({ ...heads[wire], ...body }), stream);
