import { inputBuckets, type EmbedRequest, type Embeddings, type Usage } from '../../../vocabulary/index.ts';
import type { AnswerFrame } from '../../codec/Codec.ts';
import { utf8Bytes } from '../../utf8.ts';

/** A length that is off by so little is off by how its numbers were rounded. */
const lengthTolerance = 1e-3;

/** Vectors of this wire have length 1, which clients rely on when they compare them (platform.openai.com/docs/guides/embeddings, "FAQ"). */
const ofUnitLength = (vector: readonly number[]): readonly number[] => {
  const length = Math.hypot(...vector);
  if (length === 0 || Math.abs(length - 1) <= lengthTolerance) return vector;
  return vector.map((number) => number / length);
};

/** The base64 of little-endian 32-bit floats. */
const inBase64 = (vector: readonly number[]): string => {
  const bytes = Buffer.allocUnsafe(vector.length * Float32Array.BYTES_PER_ELEMENT);
  for (const [at, number] of vector.entries()) bytes.writeFloatLE(number, at * Float32Array.BYTES_PER_ELEMENT);
  return bytes.toString('base64');
};

const inputTokens = (usage: Usage): number => inputBuckets.reduce((sum, bucket) => sum + (usage[bucket] ?? 0), 0);

/** Writes an answer of `/v1/embeddings`. Where the vendor counted no tokens there stands the estimate that is booked. */
export const encodeAnswer = (
  answer: Embeddings,
  { model, encoding }: Pick<EmbedRequest, 'model' | 'encoding'>,
  { inputEstimateTokens }: Pick<AnswerFrame, 'inputEstimateTokens'>,
): Uint8Array => {
  const tokens = answer.usage === null ? inputEstimateTokens : inputTokens(answer.usage);
  const data = answer.vectors.map((vector, index) => {
    const unit = ofUnitLength(vector);
    return { object: 'embedding', index, embedding: encoding === 'base64' ? inBase64(unit) : unit };
  });
  return utf8Bytes(
    JSON.stringify({
      object: 'list',
      data,
      model: answer.model === '' ? model : answer.model,
      usage: { prompt_tokens: tokens, total_tokens: tokens },
    }),
  );
};
