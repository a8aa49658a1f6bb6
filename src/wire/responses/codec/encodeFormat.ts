import type { OutputFormat } from '../../../vocabulary/index.ts';
import type { WritingNotes } from '../../codec/WritingNotes.ts';
import type { JsonObject } from '../../json/JsonObject.ts';
import { schemaMembers } from '../../openai/codec/encodeFormat.ts';

/** The form of the answer. A schema is enforced where it can be. */
export const encodeFormat = (format: OutputFormat, notes: WritingNotes): JsonObject => {
  if (format.type === 'text') return {};
  if (format.type === 'json-object') return { text: { format: { type: 'json_object' } } };
  return { text: { format: { type: 'json_schema', ...schemaMembers(format, notes) } } };
};
