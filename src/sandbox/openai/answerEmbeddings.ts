import { failure, success } from '../../kernel/index.ts';
import type { Result } from '../../kernel/index.ts';
import { embedText } from '../answer/embedText.ts';
import { countTokens } from '../answer/splitTokens.ts';
import { numberOf, objectOf, stringOf } from '../json.ts';
import { sandboxCatalogue } from '../sandboxCatalogue.ts';
import type { CatalogueModel } from '../sandboxCatalogue.ts';
import { checkShape } from '../shape/checkShape.ts';
import type { Answer, Refusal } from '../vendor/VendorWire.ts';
import { badRequest, refuseShape } from './openaiRefusal.ts';
import { embeddingsSchema } from './openaiSchemas.ts';

interface Input {
  readonly text: string;
  readonly tokens: number;
}

const invalidInput = badRequest(
  "'$.input' is invalid. Please check the API reference: https://platform.openai.com/docs/api-reference.",
);

const isTokens = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.length > 0 && value.every((token) => Number.isSafeInteger(token) && Number(token) >= 0);

/** A text, a list of texts, a text as tokens, or a list of those. */
const readInputs = (input: unknown): readonly Input[] | null => {
  if (isTokens(input)) return [{ text: input.join(' '), tokens: input.length }];
  const parts: readonly unknown[] = Array.isArray(input) ? input : [input];
  const read = parts.map((part): Input | null => {
    if (typeof part === 'string' && part !== '') return { text: part, tokens: countTokens(part) };
    return isTokens(part) ? { text: part.join(' '), tokens: part.length } : null;
  });
  return read.every((one) => one !== null) ? read : null;
};

/** An embedding as numbers, or as the base64 of its little-endian 32-bit floats. */
const encode = (vector: Float32Array, format: string): readonly number[] | string => {
  if (format !== 'base64') return [...vector];
  const bytes = Buffer.alloc(vector.length * 4);
  for (const [at, value] of vector.entries()) bytes.writeFloatLE(value, at * 4);
  return bytes.toString('base64');
};

export const answerEmbeddings = (
  body: unknown,
  findModel: (name: string) => Result<CatalogueModel, Refusal>,
): Result<Answer, Refusal> => {
  const shapeFault = checkShape(embeddingsSchema, body, { namesCases: false });
  if (shapeFault !== null) return failure(refuseShape(shapeFault));
  const request = objectOf(body);
  const model = findModel(stringOf(request['model']));
  if (!model.ok) return model;
  const inputs = readInputs(request['input']);
  if (inputs === null) return failure(invalidInput);
  const longest = Math.max(...inputs.map(({ tokens }) => tokens));
  if (longest > model.value.contextTokens) {
    return failure(
      badRequest(
        `This model's maximum context length is ${model.value.contextTokens} tokens, however you requested ${longest} tokens (${longest} in your prompt; 0 for the completion). Please reduce your prompt; or completion length.`,
      ),
    );
  }
  const dimensions = numberOf(request['dimensions']) ?? sandboxCatalogue.embeddingDimensions;
  const format = stringOf(request['encoding_format']);
  const tokens = inputs.reduce((sum, input) => sum + input.tokens, 0);
  const answer = {
    object: 'list',
    data: inputs.map(({ text }, index) => ({
      object: 'embedding',
      index,
      embedding: encode(embedText(text, dimensions), format),
    })),
    model: model.value.name,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
  return success({
    model: model.value,
    input: { input: tokens },
    output: { kind: 'whole', body: JSON.stringify(answer), tokens: {} },
  });
};
