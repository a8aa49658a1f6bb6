import type { Result } from '../../../kernel/index.ts';
import type { EmbedPurpose } from '../../../vocabulary/index.ts';
import type { CodecTarget, TextsToEmbed, Untranslatable, WrittenRequest } from '../../codec/Codec.ts';
import { writeRequestBody } from '../../codec/writeRequestBody.ts';
import type { WritingNotes } from '../../codec/WritingNotes.ts';
import type { JsonObject } from '../../json/JsonObject.ts';

type WriteMembers = (request: TextsToEmbed, notes: WritingNotes) => JsonObject;

/** Most texts that one call to Cohere's models takes. */
const textsMax = 96;

/** Writes a body of `/model/{model}/invoke` in the words of the model's maker: Converse has none for vectors. */
export const encodeRequest = (request: TextsToEmbed, target: CodecTarget): Result<WrittenRequest, Untranslatable> =>
  writeRequestBody(request, target, writerOf(target.model));

const writeTitan: WriteMembers = (request, notes) => {
  const { texts, dimensions, purpose } = request;
  const [text = ''] = texts;
  if (purpose !== null) notes.drop('input_type');
  if (texts.length > 1) return notes.refuse('input', 'This target takes one text a call', {});
  return { inputText: text, ...(dimensions === null ? {} : { dimensions }), normalize: true };
};

/** The first Titan makes 1,536 numbers, and knows no word but the text. */
const writeFirstTitan: WriteMembers = (request, notes) => {
  if (request.dimensions !== null) notes.refuse('dimensions', 'This target makes vectors of one length', null);
  const { inputText } = writeTitan(request, notes);
  return { inputText };
};

const wordOfPurpose: Readonly<Record<EmbedPurpose, string>> = {
  'search-document': 'search_document',
  'search-query': 'search_query',
  classification: 'classification',
  clustering: 'clustering',
};

/** A purpose must be said. Who says none compares what it has with what it has, as with vendors who know none: both sides are documents. */
const writeCohere: WriteMembers = ({ texts, purpose }, notes) => {
  if (texts.length > textsMax) return notes.refuse('input', `This target takes at most ${textsMax} texts a call`, {});
  return { texts, input_type: wordOfPurpose[purpose ?? 'search-document'], embedding_types: ['float'] };
};

const writeThirdCohere: WriteMembers = (request, notes) => {
  if (request.dimensions !== null) notes.refuse('dimensions', 'This target makes vectors of one length', null);
  return writeCohere(request, notes);
};

const writeFourthCohere: WriteMembers = (request, notes) => {
  const { dimensions } = request;
  return { ...writeCohere(request, notes), ...(dimensions === null ? {} : { output_dimension: dimensions }) };
};

const writeUnknown: WriteMembers = (_request, notes) =>
  notes.refuse('model', 'This target has a model for vectors whose words are not known here', {});

/**
 * By the model's own name, which regions of an inference profile may stand before. Sources, as of November 2026: docs.aws.amazon.com/bedrock/latest/userguide, "Amazon Titan
 * Text Embeddings models", "Cohere Embed v3" and "Cohere Embed v4".
 */
const writers: readonly (readonly [name: RegExp, write: WriteMembers])[] = [
  [/(^|[./])amazon\.titan-embed-text-v1/, writeFirstTitan],
  [/(^|[./])amazon\.titan-embed-text-v2/, writeTitan],
  [/(^|[./])cohere\.embed-(english|multilingual)-v3/, writeThirdCohere],
  [/(^|[./])cohere\.embed-v4/, writeFourthCohere],
];

const writerOf = (model: string): WriteMembers => writers.find(([name]) => name.test(model))?.[1] ?? writeUnknown;
