import type { OutputFormat } from '../../../vocabulary/index.ts';
import { adaptSchema } from '../../anthropic/codec/adaptSchema.ts';
import { formInWords } from '../../codec/formInWords.ts';
import type { WritingNotes } from '../../codec/WritingNotes.ts';
import type { JsonObject } from '../../json/JsonObject.ts';

export interface EncodedFormat {
  /** `outputConfig`. */
  readonly config: JsonObject;
  /** What the model is told where it cannot be held to the form. */
  readonly instruction: string | null;
}

type SchemaFormat = Extract<OutputFormat, { type: 'json-schema' }>;

/**
 * The form of the answer. A schema is enforced where the model can be held to it: to closed objects only, as on the Messages API. All else is asked for in words, and
 * `response_format` is noted.
 */
export const encodeFormat = (outputFormat: OutputFormat, notes: WritingNotes): EncodedFormat => {
  switch (outputFormat.type) {
    case 'text':
      return { config: {}, instruction: null };
    case 'json-object':
      return inWords(null, notes);
    case 'json-schema':
      return schemaFormat(outputFormat, notes);
  }
};

const schemaFormat = ({ name, description, schema }: SchemaFormat, notes: WritingNotes): EncodedFormat => {
  const adapted = adaptSchema(schema);
  const isHeld = !notes.lacks('schemas') && !notes.lacks('outputConfig');
  if (adapted.isOpen || !isHeld) return inWords(schema, notes);
  if (adapted.moved.length > 0) notes.drop('response_format');
  const jsonSchema = {
    schema: JSON.stringify(adapted.schema),
    ...(name === null || name === '' ? {} : { name }),
    ...(description === null || description === '' ? {} : { description }),
  };
  return {
    config: { outputConfig: { textFormat: { type: 'json_schema', structure: { jsonSchema } } } },
    instruction: null,
  };
};

const inWords = (schema: JsonObject | null, notes: WritingNotes): EncodedFormat => {
  notes.drop('response_format');
  return { config: {}, instruction: formInWords(schema) };
};
