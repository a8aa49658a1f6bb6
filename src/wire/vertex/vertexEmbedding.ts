import { failure, success, type Result } from '../../kernel/index.ts';
import type { Embeddings, Failure, Usage } from '../../vocabulary/index.ts';
import type { EmbeddingTarget, TextsToEmbed } from '../codec/Codec.ts';
import { notVectors } from '../codec/notVectors.ts';
import { vectorsIn } from '../codec/vectorIn.ts';
import { writeRequestBody } from '../codec/writeRequestBody.ts';
import type { WritingNotes } from '../codec/WritingNotes.ts';
import { answerObject } from '../failure/answerObject.ts';
import { taskTypes } from '../gemini/embedding/geminiEmbedding.ts';
import { errorOf } from '../gemini/readAnswer.ts';
import { readUsage } from '../gemini/readUsage.ts';
import { countIn, isJsonObject, objectIn, type JsonObject } from '../json/JsonObject.ts';
import { usageOf } from '../usage/usageOf.ts';

/** Asked by `:predict` like those before it, a text at a time like those after it. */
const oneByOne = 'gemini-embedding-001';

/** Whether a model is asked by `:embedContent`; the others are by `:predict` (@google/genai 3.3.0, `tIsVertexEmbedContentModel`). */
export const isAskedByContent = (model: string): boolean =>
  (model.includes('gemini') && model !== oneByOne) || model.includes('maas');

/** "up to 250 input texts"; of `gemini-embedding-001`, "each request can only include a single input text". */
const textsMax = 250;

/** What is too long is refused, as on the client's wire; unasked, it would be cut. */
const writeInstances = ({ texts, dimensions, purpose }: TextsToEmbed, notes: WritingNotes): JsonObject => {
  if (notes.target.model === oneByOne && texts.length > 1)
    return notes.refuse('input', 'This target takes one text a call', {});
  if (texts.length > textsMax) return notes.refuse('input', `This target takes ${textsMax} texts a call`, {});
  return {
    instances: texts.map((content) => ({ content, ...(purpose === null ? {} : { task_type: taskTypes[purpose] }) })),
    parameters: { autoTruncate: false, ...(dimensions === null ? {} : { outputDimensionality: dimensions }) },
  };
};

const writeContent = ({ texts, dimensions, purpose }: TextsToEmbed, notes: WritingNotes): JsonObject => {
  const [text = ''] = texts;
  if (texts.length > 1) return notes.refuse('input', 'This target takes one text a call', {});
  const config = {
    autoTruncate: false,
    ...(dimensions === null ? {} : { outputDimensionality: dimensions }),
    ...(purpose === null ? {} : { taskType: taskTypes[purpose] }),
  };
  return { content: { role: 'user', parts: [{ text }] }, embedContentConfig: config };
};

/** Vectors on Vertex AI (cloud.google.com/vertex-ai/generative-ai/docs/model-reference/text-embeddings-api). */
export const vertexEmbedding: EmbeddingTarget = {
  encodeRequest: (request, target) =>
    writeRequestBody(request, target, isAskedByContent(target.model) ? writeContent : writeInstances),
  decodeAnswer: (body) => {
    const parsed = answerObject(body);
    if (!parsed.ok) return parsed;
    const answer = parsed.value;
    const refused = errorOf(answer);
    if (refused !== null) return failure(refused);
    const { predictions } = answer;
    return Array.isArray(predictions) ? readPredictions(predictions) : readContent(answer);
  },
};

const readPredictions = (predictions: readonly unknown[]): Result<Embeddings, Failure> => {
  const made = predictions.map((one) => (isJsonObject(one) ? objectIn(one, 'embeddings') : null));
  const vectors = vectorsIn(made.map((one) => one?.['values']));
  if (vectors === null || vectors.length === 0) return notVectors();
  const counts = made.map((one) => countIn(objectIn(one, 'statistics'), 'token_count'));
  return success({ model: '', vectors, usage: sumOf(counts) });
};

const sumOf = (counts: readonly (number | null)[]): Usage | null => {
  let input = 0;
  for (const count of counts) {
    if (count === null) return null;
    input += count;
  }
  return usageOf({ input, requests: 1 });
};

const readContent = (answer: JsonObject): Result<Embeddings, Failure> => {
  const vectors = vectorsIn([objectIn(answer, 'embedding')?.['values']]);
  if (vectors === null) return notVectors();
  const usage = objectIn(answer, 'usageMetadata');
  return success({ model: '', vectors, usage: usage === null ? null : readUsage(usage) });
};
