import type { Seal } from '../../../vocabulary/index.ts';
import type { SealPlace } from '../../codec/Codec.ts';
import { sealMark } from '../../codec/sealMark.ts';
import { callSigningWire } from '../../codec/withCallSeals.ts';
import { objectIn, textIn, type JsonObject } from '../../json/JsonObject.ts';

/**
 * The signature on a call; a client gives it back as it came, and the vendor refuses the call without it. Google's own endpoint of this wire has a member for it
 * (ai.google.dev/gemini-api/docs/openai); our mark stands beside that.
 */
export const callSignatureIn = (call: JsonObject): Seal | null => {
  const content = objectIn(call, 'extra_content');
  const value = textIn(objectIn(content, 'google'), 'thought_signature');
  if (value === null) return null;
  const mark = textIn(objectIn(content, 'archipel'), 'mark');
  return { wire: callSigningWire, value, ...(mark === null ? {} : { mark }) };
};

/** The member of a call that holds its signature, for the vendor who gave it; no other wire's seal has a place there. */
export const signatureMember = (seal: Seal | undefined): JsonObject =>
  seal?.wire === callSigningWire ? { extra_content: { google: { thought_signature: seal.value } } } : {};

/** The same for a client. @param place Where it was made. */
export const callSignatureMember = (seal: Seal | undefined, place: SealPlace): JsonObject =>
  seal?.wire === callSigningWire
    ? { extra_content: { google: { thought_signature: seal.value }, archipel: { mark: sealMark(seal, place) } } }
    : {};
