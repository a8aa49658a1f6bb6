import { failure, success } from '../../kernel/index.ts';
import type { Result } from '../../kernel/index.ts';
import { embedText } from '../answer/embedText.ts';
import { splitTokens } from '../answer/splitTokens.ts';
import { drawFrom, drawLetters } from '../Draw.ts';
import { listOf, numberOf, objectOf, stringOf } from '../json.ts';
import { sandboxCatalogue } from '../sandboxCatalogue.ts';
import type { CatalogueModel } from '../sandboxCatalogue.ts';
import { checkShape } from '../shape/checkShape.ts';
import type { Answer } from '../vendor/VendorWire.ts';
import { invalid, shapeError } from './bedrockRefusal.ts';
import type { BedrockError } from './bedrockRefusal.ts';
import { embedSchema, vectorLengths } from './bedrockSchemas.ts';

/** What of a text goes into its vector; null where it is too long and may not be cut. */
const keptTokens = (text: string, tokensMax: number, truncate: string): readonly string[] | null => {
  const tokens = splitTokens(text);
  if (tokens.length <= tokensMax) return tokens;
  if (truncate === 'LEFT') return tokens.slice(-tokensMax);
  return truncate === 'RIGHT' ? tokens.slice(0, tokensMax) : null;
};

/** Answers InvokeModel for vectors, in the words of Cohere's fourth model. The service counts the tokens, in a header. */
export const answerEmbed = (sent: unknown, model: CatalogueModel, digest: string): Result<Answer, BedrockError> => {
  const fault = checkShape(embedSchema, sent, { namesCases: false });
  if (fault !== null) return failure(shapeError(fault));
  const body = objectOf(sent);
  const dimensions = numberOf(body['output_dimension']) ?? sandboxCatalogue.embeddingDimensions;
  if (!vectorLengths.includes(dimensions)) {
    return failure(invalid(`invalid request: output_dimension must be one of ${vectorLengths.join(', ')}`));
  }
  const texts = listOf(body['texts']).map(stringOf);
  const tokensMax = Math.min(numberOf(body['max_tokens']) ?? model.contextTokens, model.contextTokens);
  const kept = texts.map((text) => keptTokens(text, tokensMax, stringOf(body['truncate'])));
  if (!kept.every((tokens) => tokens !== null)) {
    return failure(invalid(`invalid request: total number of tokens of a text must be at most ${tokensMax}`));
  }
  const vectors = kept.map((tokens) => [...embedText(tokens.join(''), dimensions)]);
  const isByType = body['embedding_types'] !== undefined;
  const answer = {
    embeddings: isByType ? { float: vectors } : vectors,
    id: drawLetters(drawFrom('vectors', digest), 24),
    response_type: isByType ? 'embeddings_by_type' : 'embeddings_floats',
    texts,
  };
  const tokens = kept.reduce((sum, one) => sum + one.length, 0);
  return success({
    model,
    input: { input: tokens },
    output: {
      kind: 'whole',
      headers: { 'x-amzn-bedrock-input-token-count': String(tokens) },
      body: JSON.stringify(answer),
      tokens: {},
    },
  });
};
