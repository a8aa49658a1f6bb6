// Writes requests that differ from a plain one.
import type { GenerateRequest, Message, UserPart } from '../../../vocabulary/index.ts';
import type { CodecTarget, Untranslatable } from '../../codec.ts';
import { isJsonObject, type JsonObject } from '../../json/JsonObject.ts';
import { encodeRequest } from './encodeRequest.ts';
import { plainRequest, target } from './generateRequests.fixture.ts';

export interface Written {
  readonly body: JsonObject;
  readonly dropped: readonly string[];
}

export const write = (more: Partial<GenerateRequest>, about: Partial<CodecTarget> = {}): Written => {
  const written = encodeRequest({ ...plainRequest, ...more }, { ...target, ...about });
  if (!written.ok) throw new Error(written.fault.message);
  const body: unknown = JSON.parse(Buffer.from(written.value.body).toString());
  return { body: isJsonObject(body) ? body : {}, dropped: written.value.dropped };
};
export const faultOf = (more: Partial<GenerateRequest>): Untranslatable | null => {
  const written = encodeRequest({ ...plainRequest, ...more }, target);
  return written.ok ? null : written.fault;
};
export const user = (...content: UserPart[]): Message => ({ role: 'user', content });
export const said = (text: string): Message => ({ role: 'assistant', content: [{ type: 'text', text }] });
export const text = (words: string) => ({ type: 'text' as const, text: words });
export const call = (id: string, written = '{}') => ({ type: 'tool-call' as const, id, name: 'f', arguments: written });
export const calls = (...ids: string[]): Message => ({ role: 'assistant', content: ids.map((id) => call(id)) });
export const result = (callId: string, words = 'ok'): UserPart => ({
  type: 'tool-result',
  callId,
  content: [text(words)],
  isError: false,
});
export const tool = { name: 'f', description: null, parameters: {}, strict: null };
