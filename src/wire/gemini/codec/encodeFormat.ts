import type { GenerateRequest } from '../../../vocabulary/index.ts';
import { formInWords } from '../../codec/formInWords.ts';
import type { WritingNotes } from '../../codec/WritingNotes.ts';
import type { JsonObject } from '../../json/JsonObject.ts';
import { encodeSchema } from './encodeSchema.ts';
import { generationOf } from './generationOf.ts';

export interface EncodedFormat {
  /** Members of `generationConfig`. */
  readonly config: JsonObject;
  /** What the model is told where the target does not hold it to the form. */
  readonly instruction: string | null;
}

/**
 * The form of the answer. Models before the third generation take none beside tools ("Function calling with a response mime type: 'application/json' is
 * unsupported"): there it is asked for in words, and `response_format` is noted.
 */
export const encodeFormat = ({ outputFormat, tools }: GenerateRequest, notes: WritingNotes): EncodedFormat => {
  if (outputFormat.type === 'text') return { config: {}, instruction: null };
  const schema = outputFormat.type === 'json-schema' ? schemaOf(outputFormat) : null;
  const isApart = tools.length > 0 && generationOf(notes.target.model) < 3;
  if (isApart || notes.lacks('responseMimeType')) {
    notes.drop('response_format');
    return { config: {}, instruction: formInWords(schema) };
  }
  return { config: { responseMimeType: 'application/json', ...encodeForm(schema, notes) }, instruction: null };
};

type SchemaFormat = Extract<GenerateRequest['outputFormat'], { type: 'json-schema' }>;

const schemaOf = ({ schema, description }: SchemaFormat): JsonObject =>
  description === null || schema['description'] !== undefined ? schema : { ...schema, description };

const encodeForm = (schema: JsonObject | null, notes: WritingNotes): JsonObject => {
  if (schema === null) return {};
  if (notes.lacks('responseJsonSchema')) return { responseSchema: encodeSchema(schema) };
  const { $schema: _schema, ...rest } = schema;
  return { responseJsonSchema: rest };
};
