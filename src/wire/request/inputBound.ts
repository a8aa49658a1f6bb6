import { featureSet, hasFeature, type FeatureSet } from '../../vocabulary/index.ts';

/** Tokens that a vendor's own template and tool preamble may add to those of the body. */
const templateTokens = 1_024;

/**
 * Most tokens that one image is billed as: gpt-4o-mini takes 2,833 and 5,667 for each of at most eight tiles of 512 pixels
 * (platform.openai.com/docs/guides/images-vision). Claude 4.7 takes 4,784, Gemini 258 for each tile of 768 pixels.
 */
const imageTokens = 2_833 + 8 * 5_667;

/**
 * What is shown in few bytes and read as many tokens. A page of a PDF is an image and its text (Claude: 1,500 to 3,000 tokens and 1,568; Gemini: 258), and pages
 * that are alike are stored once; sound is 32 tokens a second and video 263 with Gemini
 * (ai.google.dev/gemini-api/docs/tokens), whatever its codec has left of it.
 */
const dense = featureSet(['audio', 'video']);

/** Where a document is given as bytes, in the words of each wire; one without is plain text. */
const carriers = ['base64', 'inlineData', 'inline_data', 'file_data'].map((word) => Buffer.from(word));

/** How the type of an image begins, wherever it is said: in a data URI, as `media_type` or as `mimeType`; some write the slash escaped. */
const imageTypes = [Buffer.from('image/'), Buffer.from('image\\/')];

const countOf = (body: Buffer, letters: Buffer): number => {
  let count = 0;
  for (let at = body.indexOf(letters); at !== -1; at = body.indexOf(letters, at + letters.length)) count += 1;
  return count;
};

/**
 * Most tokens that a body can be billed for going in: each token of text is at least one byte, and an image is never more than so many. Null where nothing in
 * the body bounds it, so that only what the model can read at all does.
 */
export const inputBound = (body: Uint8Array, features: FeatureSet): number | null => {
  if ((features & dense) !== 0) return null;
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  if (hasFeature(features, 'documents') && carriers.some((word) => bytes.includes(word))) return null;
  const bound = body.length + templateTokens;
  if (!hasFeature(features, 'images')) return bound;
  const images = imageTypes.reduce((sum, letters) => sum + countOf(bytes, letters), 0);
  return bound + Math.max(1, images) * imageTokens;
};
