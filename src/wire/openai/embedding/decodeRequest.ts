import type { Result } from '../../../kernel/index.ts';
import type { EmbedPurpose, EmbedRequest } from '../../../vocabulary/index.ts';
import type { ObjectReader } from '../../codec/ObjectReader.ts';
import { readRequestBody } from '../../codec/readRequestBody.ts';
import { dimensionsMax } from '../../codec/vectorIn.ts';
import type { RequestFault } from '../../wire.ts';

/** Most texts that the vendor takes. */
const textsMax = 2_048;

const known: ReadonlySet<string> = new Set(['model', 'input', 'dimensions', 'encoding_format', 'user', 'input_type']);

/** Reads a body of `/v1/embeddings` whole (openai 7.57.0, `EmbeddingCreateParams`, and `input_type`, which vendors of its wire have added). */
export const decodeRequest = (body: Uint8Array): Result<EmbedRequest, RequestFault> =>
  readRequestBody(body, (list, index) => `${list}[${index}]`, readMembers);

const readMembers = (request: ObjectReader): Omit<EmbedRequest, 'hints' | 'natives'> => {
  for (const name of request.others(known)) request.notes.native(name);
  if (request.has('user')) request.notes.hint('user');
  return {
    model: request.requiredText('model'),
    texts: textsOf(request),
    dimensions: request.count('dimensions', 1, dimensionsMax),
    purpose: purposeOf(request),
    encoding: encodingOf(request),
  };
};

const isToken = (value: unknown): boolean => typeof value === 'number' || Array.isArray(value);

/** A text, a list of texts, a text as tokens, or a list of those. */
const textsOf = (request: ObjectReader): EmbedRequest['texts'] => {
  const input = request.value('input');
  const list: readonly unknown[] = Array.isArray(input) ? input : [input];
  if (list.length === 0 || list.length > textsMax)
    return request.refuse('input', `must have 1 to ${textsMax} texts`, null);
  if (list.every(isToken)) return null;
  const texts = list.filter((text): text is string => typeof text === 'string' && text !== '');
  return texts.length === list.length
    ? texts
    : request.refuse('input', 'must be a text that is not empty, or a list of such', null);
};

const encodingOf = (request: ObjectReader): EmbedRequest['encoding'] => {
  const format = request.text('encoding_format') ?? 'float';
  if (format === 'float' || format === 'base64') return format;
  return request.refuse('encoding_format', 'must be `float` or `base64`', 'float');
};

/** Cohere's words, and those of NVIDIA. */
const purposes: Readonly<Record<string, EmbedPurpose>> = {
  search_document: 'search-document',
  search_query: 'search-query',
  classification: 'classification',
  clustering: 'clustering',
  passage: 'search-document',
  query: 'search-query',
};

/** A word that is not known shapes the vectors in a way that is not known. */
const purposeOf = (request: ObjectReader): EmbedPurpose | null => {
  const word = request.text('input_type');
  if (word === null) return null;
  const purpose = Object.hasOwn(purposes, word) ? purposes[word] : undefined;
  if (purpose === undefined) request.notes.native('input_type');
  return purpose ?? null;
};
