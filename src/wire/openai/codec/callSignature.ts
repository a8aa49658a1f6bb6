import type { Seal } from '../../../vocabulary/index.ts';
import { objectIn, textIn, type JsonObject } from '../../json/JsonObject.ts';

/** The wire whose models sign calls. Its own endpoint of this wire has a member for the signature (ai.google.dev/gemini-api/docs/openai). */
const signingWire = 'gemini';

/** The signature on a call; a client gives it back as it came, and the vendor refuses the call without it. */
export const callSignatureIn = (call: JsonObject): Seal | null => {
  const value = textIn(objectIn(objectIn(call, 'extra_content'), 'google'), 'thought_signature');
  return value === null ? null : { wire: signingWire, value };
};

/** The member of a call that holds its signature; no other wire's seal has a place there. */
export const callSignatureMember = (seal: Seal | undefined): JsonObject =>
  seal?.wire === signingWire ? { extra_content: { google: { thought_signature: seal.value } } } : {};
