import type { OutputFormat } from '../../../vocabulary/index.ts';
import { formInWords } from '../../codec/formInWords.ts';
import type { WritingNotes } from '../../codec/WritingNotes.ts';
import type { JsonObject } from '../../json/JsonObject.ts';
import { adaptSchema } from './adaptSchema.ts';

export interface EncodedFormat {
  /** `output_config.format`. */
  readonly format: JsonObject | null;
  /** What the model is told where the wire has no mode for the form. */
  readonly instruction: string | null;
}

/**
 * The form of the answer. A schema is enforced where it can be; a bare JSON object, which the wire has no mode for, and schemas that the vendor's mode
 * would change (objects with members of any name) are asked for in words, and `response_format` is noted.
 */
export const encodeFormat = (outputFormat: OutputFormat, notes: WritingNotes): EncodedFormat => {
  switch (outputFormat.type) {
    case 'text':
      return { format: null, instruction: null };
    case 'json-object':
      return inWords(null, notes);
    case 'json-schema':
      return schemaFormat(outputFormat.schema, outputFormat.description, notes);
  }
};

const schemaFormat = (schema: JsonObject, description: string | null, notes: WritingNotes): EncodedFormat => {
  const adapted = adaptSchema(
    description === null || schema['description'] !== undefined ? schema : { ...schema, description },
  );
  if (adapted.isOpen || notes.lacks('output_config') || notes.lacks('output_config.format')) {
    return inWords(schema, notes);
  }
  if (adapted.moved.length > 0) notes.drop('response_format');
  return { format: { type: 'json_schema', schema: adapted.schema }, instruction: null };
};

const inWords = (schema: JsonObject | null, notes: WritingNotes): EncodedFormat => {
  notes.drop('response_format');
  return { format: null, instruction: formInWords(schema) };
};
