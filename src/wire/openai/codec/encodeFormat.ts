import type { OutputFormat } from '../../../vocabulary/index.ts';
import type { WritingNotes } from '../../codec/WritingNotes.ts';
import type { JsonObject } from '../../json/JsonObject.ts';
import { fitsStrictMode } from './fitsStrictMode.ts';

/** The form of the answer. A schema is enforced where it can be. */
export const encodeFormat = (format: OutputFormat, notes: WritingNotes): JsonObject => {
  if (format.type === 'text') return {};
  if (format.type === 'json-object') return { response_format: { type: 'json_object' } };
  return { response_format: { type: 'json_schema', json_schema: schemaMembers(format, notes) } };
};

/** What OpenAI takes of a schema, on either of its wires. */
export const schemaMembers = (
  format: Extract<OutputFormat, { readonly type: 'json-schema' }>,
  notes: WritingNotes,
): JsonObject => {
  const fits = fitsStrictMode(format.schema);
  if (format.strict === true && !fits) notes.drop('strict');
  return {
    name: schemaName(format.name),
    ...(format.description === null ? {} : { description: format.description }),
    schema: format.schema,
    strict: format.strict !== false && fits,
  };
};

/** A label that the vendor requires: 64 letters, digits, "_" and "-". */
const schemaName = (name: string | null): string => {
  const fitting = (name ?? '').replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 64);
  return fitting === '' ? 'output' : fitting;
};
