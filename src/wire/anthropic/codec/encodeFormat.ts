import type { OutputFormat } from '../../../vocabulary/index.ts';
import type { JsonObject } from '../../json/JsonObject.ts';
import { adaptSchema } from './adaptSchema.ts';
import type { RequestWriting, Written } from './RequestWriting.ts';

export interface EncodedFormat {
  /** `output_config.format`. */
  readonly format: Written | null;
  /** What the model is told where the wire has no mode for the form. */
  readonly instruction: string | null;
}

/**
 * The form of the answer. A schema is enforced where it can be; a bare JSON object, which the wire has no mode for, and schemas that the vendor's mode
 * would change (objects with members of any name) are asked for in words, and `response_format` is noted.
 */
export const encodeFormat = (writing: RequestWriting, outputFormat: OutputFormat): EncodedFormat => {
  switch (outputFormat.type) {
    case 'text':
      return { format: null, instruction: null };
    case 'json-object':
      return inWords(writing, null);
    case 'json-schema':
      return schemaFormat(writing, outputFormat.schema, outputFormat.description);
  }
};

const schemaFormat = (writing: RequestWriting, schema: JsonObject, description: string | null): EncodedFormat => {
  const adapted = adaptSchema(
    description === null || schema['description'] !== undefined ? schema : { ...schema, description },
  );
  if (adapted.isOpen || writing.lacks('output_config') || writing.lacks('output_config.format')) {
    return inWords(writing, schema);
  }
  if (adapted.moved.length > 0) writing.drop('response_format');
  return { format: { type: 'json_schema', schema: adapted.schema }, instruction: null };
};

const inWords = (writing: RequestWriting, schema: JsonObject | null): EncodedFormat => {
  writing.drop('response_format');
  const form = 'Answer with one JSON object and nothing else: no words before or after it, and no code fence.';
  const rule = schema === null ? '' : ` It must be valid against this JSON Schema:\n${JSON.stringify(schema)}`;
  return { format: null, instruction: `${form}${rule}` };
};
