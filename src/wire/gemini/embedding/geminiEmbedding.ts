import { failure, success } from '../../../kernel/index.ts';
import type { EmbedPurpose } from '../../../vocabulary/index.ts';
import type { EmbeddingTarget } from '../../codec/Codec.ts';
import { notVectors } from '../../codec/notVectors.ts';
import { vectorsIn } from '../../codec/vectorIn.ts';
import { writeRequestBody } from '../../codec/writeRequestBody.ts';
import { answerObject } from '../../failure/answerObject.ts';
import { isJsonObject, listIn, objectIn } from '../../json/JsonObject.ts';
import { errorOf } from '../readAnswer.ts';
import { readUsage } from '../readUsage.ts';
import { resourceName } from '../resourceName.ts';

/** Most texts that one call takes. */
const textsMax = 100;

export const taskTypes: Readonly<Record<EmbedPurpose, string>> = {
  'search-document': 'RETRIEVAL_DOCUMENT',
  'search-query': 'RETRIEVAL_QUERY',
  classification: 'CLASSIFICATION',
  clustering: 'CLUSTERING',
};

/** `:batchEmbedContents` (ai.google.dev/api/embeddings). Most models there are asked without telling how many tokens that were. */
export const geminiEmbedding: EmbeddingTarget = {
  encodeRequest: (request, target) =>
    writeRequestBody(request, target, ({ texts, dimensions, purpose }, notes) => {
      if (texts.length > textsMax)
        return notes.refuse('input', `This target takes at most ${textsMax} texts a call`, {});
      const settings = {
        model: resourceName(target.model),
        ...(dimensions === null ? {} : { outputDimensionality: dimensions }),
        ...(purpose === null ? {} : { taskType: taskTypes[purpose] }),
      };
      return { requests: texts.map((text) => ({ ...settings, content: { parts: [{ text }] } })) };
    }),
  decodeAnswer: (body) => {
    const parsed = answerObject(body);
    if (!parsed.ok) return parsed;
    const answer = parsed.value;
    const refused = errorOf(answer);
    if (refused !== null) return failure(refused);
    const embeddings = listIn(answer, 'embeddings');
    const vectors = vectorsIn(embeddings.map((one) => (isJsonObject(one) ? one['values'] : null)));
    if (vectors === null || vectors.length === 0) return notVectors();
    const usage = objectIn(answer, 'usageMetadata');
    return success({ model: '', vectors, usage: usage === null ? null : readUsage(usage) });
  },
};
